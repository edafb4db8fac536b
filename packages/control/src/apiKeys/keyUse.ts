import type { Database } from '@tributary/database/database'
import type { Log } from '@tributary/kit/log'
import sql from 'sql-template-tag'

const writeEveryMs = 10_000
/** A key that is used all the time is written down this often. */
const exactToMs = 60_000

/** Writes down when keys were last used: now and then and many at once, so that no request waits for it. */
export class KeyUse {
  readonly #database: Database
  readonly #log: Log
  readonly #written = new Map<string, number>()
  readonly #used = new Set<string>()
  readonly #timer: NodeJS.Timeout

  constructor(database: Database, log: Log) {
    this.#database = database
    this.#log = log
    this.#timer = setInterval(() => void this.#write(), writeEveryMs)
  }

  note(keyId: string): void {
    const now = performance.now()
    if (now - (this.#written.get(keyId) ?? -exactToMs) < exactToMs) return
    this.#written.set(keyId, now)
    this.#used.add(keyId)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#write()
  }

  async #write(): Promise<void> {
    const ids = [...this.#used].toSorted()
    this.#used.clear()
    for (const [id, at] of this.#written) if (performance.now() - at > exactToMs) this.#written.delete(id)
    if (ids.length === 0) return
    try {
      await this.#database.callDefiner(sql`SELECT touch_api_keys(${ids}::text[])`)
    } catch (error) {
      // It is said again when the keys are used again.
      for (const id of ids) this.#written.delete(id)
      this.#log.warn({ err: error }, 'could not write down when keys were last used')
    }
  }
}

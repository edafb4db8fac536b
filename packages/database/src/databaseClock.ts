import type { Clock } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import sql from 'sql-template-tag'
import type { Database } from './database.ts'

const askEveryMs = 30_000

/**
 * The database's time, for what several processes must agree on: their machines' clocks may be minutes apart. Between
 * two answers it goes on by this process's monotonic clock, and so it does while the database is away.
 */
export class DatabaseClock implements Clock {
  readonly #database: Database
  readonly #log: Log
  readonly #timer: NodeJS.Timeout
  /** What `performance.now()` lacks to be the database's time. Until that is known, this machine's is as good as any. */
  #offsetMs = Date.now() - performance.now()

  private constructor(database: Database, log: Log) {
    this.#database = database
    this.#log = log
    this.#timer = setInterval(() => void this.#ask(), askEveryMs)
    this.#timer.unref()
  }

  /** Returns when the database has said what time it is, or could not. */
  static async start(database: Database, log: Log): Promise<DatabaseClock> {
    const clock = new DatabaseClock(database, log)
    await clock.#ask()
    return clock
  }

  now(): Date {
    return new Date(performance.now() + this.#offsetMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #ask(): Promise<void> {
    const askedAt = performance.now()
    try {
      const [answer] = await this.#database.query<{ ms: number }>(
        sql`SELECT (1000 * extract(epoch FROM clock_timestamp()))::float8 AS ms`,
      )
      if (answer !== undefined) this.#offsetMs = answer.ms - (askedAt + performance.now()) / 2
    } catch (error) {
      this.#log.warn({ err: error }, 'the database did not say what time it is')
    }
  }
}

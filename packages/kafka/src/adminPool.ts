import { createHash } from 'node:crypto'
import type { Admin } from '@platformatic/kafka'
import { openAdmin, type AdminClients, type KafkaConnection } from './connection.ts'
import { kafkaErrorsOf } from './kafkaErrors.ts'

interface Kept {
  admin: Admin
  /** Pieces of work that use it now. */
  users: number
  idle: NodeJS.Timeout | undefined
}

/**
 * Admin clients that stay open between two pieces of work: a TLS handshake and a login cost more than
 * most requests. One for each cluster and credentials, shared by whoever shows the same ones. What a
 * client may do is asked of the broker with each request, and the broker ends the connections of a
 * revoked key, so an open client never outlives the access it was opened with.
 *
 * A client is thrown away as soon as work fails on it without an answer of a broker: the next piece
 * of work opens a new one.
 */
export class AdminPool implements AdminClients {
  readonly #idleMs: number
  readonly #mostClients: number
  /** By credentials, the least recently lent first. */
  readonly #kept = new Map<string, Kept>()

  constructor({ idleMs, mostClients }: { idleMs: number; mostClients: number }) {
    this.#idleMs = idleMs
    this.#mostClients = mostClients
  }

  async lend<Result>(connection: KafkaConnection, work: (admin: Admin) => Promise<Result>): Promise<Result> {
    const key = keyOf(connection)
    const kept = this.#take(key, connection)
    try {
      return await work(kept.admin)
    } catch (error) {
      if (kafkaErrorsOf(error).length === 0) this.#forget(key, kept)
      throw error
    } finally {
      await this.#giveBack(key, kept)
    }
  }

  /** Closes every client; work that is under way fails. */
  async close(): Promise<void> {
    const all = [...this.#kept]
    for (const [key, kept] of all) this.#forget(key, kept)
    await Promise.all(all.map(([, { admin }]) => admin.close()))
  }

  #take(key: string, connection: KafkaConnection): Kept {
    const kept = this.#kept.get(key) ?? { admin: openAdmin(connection), users: 0, idle: undefined }
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    clearTimeout(kept.idle)
    kept.users++
    return kept
  }

  async #giveBack(key: string, kept: Kept): Promise<void> {
    kept.users--
    if (kept.users > 0) return
    if (this.#kept.get(key) !== kept) {
      await kept.admin.close()
      return
    }
    // Whoever cannot say goodbye is gone, which is what was wanted.
    const endIdle = () => this.#end(key, kept).catch(() => undefined)
    kept.idle = setTimeout(() => void endIdle(), this.#idleMs).unref()
    if (this.#kept.size <= this.#mostClients) return
    const oldest = [...this.#kept].find(([, { users }]) => users === 0)
    if (oldest !== undefined) await this.#end(...oldest)
  }

  async #end(key: string, kept: Kept): Promise<void> {
    this.#forget(key, kept)
    await kept.admin.close()
  }

  #forget(key: string, kept: Kept): void {
    clearTimeout(kept.idle)
    if (this.#kept.get(key) === kept) this.#kept.delete(key)
  }
}

/** The secret is in it, so only its hash stays in memory. */
const keyOf = ({ clients: _clients, ...connection }: KafkaConnection) =>
  createHash('sha256').update(JSON.stringify(connection)).digest('base64')

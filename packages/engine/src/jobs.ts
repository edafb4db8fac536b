import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import type { Pointer } from '@tributary/database/outbox'
import type { Log } from '@tributary/kit/log'
import type { Redis } from 'ioredis'
import { z } from 'zod'

/**
 * Redis is a doorbell and a throttle, never the truth. A job says only which resource to look at.
 * While a job waits, another of its resource adds nothing; while it runs, one more is kept for after
 * it. What Redis loses, the sweeper rings again.
 */
const Job = z.object({ id: z.string() })

const lockMs = 5000

/** Redis may wake a worker that is paused or cut off instead of this one, which therefore looks by itself too. */
const drainDelaySeconds = 1

/** How soon a worker asks again after Redis failed it. */
const runRetryDelayMs = 1000

/** A ring that Redis does not take in this time has failed: its sender must not hang, and tries again. */
const ringTimeoutMs = 3000

export class Jobs {
  readonly #consumers: Redis
  /** Fails at once what it cannot send, instead of keeping it for when Redis is back. */
  readonly #producers: Redis
  readonly #prefix: string
  readonly #queues = new Map<string, Queue>()
  readonly #workers: Worker[] = []
  readonly #log: Log

  constructor(options: { connection: Redis; prefix: string; kinds: readonly string[]; log: Log }) {
    this.#consumers = options.connection
    this.#producers = options.connection.duplicate({
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: ringTimeoutMs,
    })
    this.#prefix = options.prefix
    this.#log = options.log
    const warn = (error: Error) => this.#log.warn({ err: error }, 'Redis')
    this.#producers.on('error', warn)
    for (const kind of options.kinds) {
      const queue = new Queue(kind, {
        connection: this.#producers,
        prefix: this.#prefix,
        defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      })
      queue.on('error', warn)
      this.#queues.set(kind, queue)
    }
  }

  get kinds(): readonly string[] {
    return [...this.#queues.keys()]
  }

  /** Rings for each resource once. */
  async ring(pointers: readonly Pointer[]): Promise<void> {
    await this.#connected()
    await Promise.all(
      [...this.#queues].map(async ([kind, queue]) => {
        const ids = new Set(pointers.filter((pointer) => pointer.kind === kind).map(({ id }) => id))
        if (ids.size === 0) return
        await queue.addBulk([...ids].map((id) => job(id, id)))
      }),
    )
  }

  /**
   * Rings for a resource after the lease with that token: another job than one that died with its
   * worker, or is paused with it, which blocks the plain rings until it is found stalled.
   */
  async ringAfterLease(pointers: readonly (Pointer & { token: bigint })[]): Promise<void> {
    await this.#connected()
    await Promise.all(
      [...this.#queues].map(async ([kind, queue]) => {
        const due = pointers.filter((pointer) => pointer.kind === kind)
        if (due.length > 0) await queue.addBulk(due.map(({ id, token }) => job(id, `${id}@${token}`)))
      }),
    )
  }

  consume(kind: string, concurrency: number, handle: (id: string) => Promise<void>): void {
    const worker = new Worker(kind, async ({ data }) => handle(Job.parse(data).id), {
      connection: this.#consumers,
      prefix: this.#prefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: 1_000_000,
      drainDelay: drainDelaySeconds,
      runRetryDelay: runRetryDelayMs,
    })
    worker.on('error', (error) => this.#log.warn({ err: error }, 'Redis'))
    worker.on('failed', (_, error) => this.#log.error({ err: error, kind }, 'a job failed'))
    this.#workers.push(worker)
  }

  /** How many jobs wait or run, by kind. */
  async counts(): Promise<Record<string, number>> {
    const counted = [...this.#queues].map(async ([kind, queue]) => [kind, await queue.count()] as const)
    return Object.fromEntries(await Promise.all(counted))
  }

  async stopConsuming(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()))
  }

  /** Returns after `graceMs` though Redis does not answer or a job does not end. */
  async close(graceMs: number): Promise<void> {
    const closed = Promise.all([this.stopConsuming(), ...[...this.#queues.values()].map((queue) => queue.close())])
    await Promise.race([closed, delay(graceMs, undefined, { ref: false })])
    this.#producers.disconnect()
  }

  async #connected(): Promise<void> {
    if (this.#producers.status === 'ready') return
    await once(this.#producers, 'ready', { signal: AbortSignal.timeout(1000) })
  }
}

const job = (id: string, deduplicationId: string) => ({
  name: 'reconcile',
  data: { id },
  opts: { deduplication: { id: deduplicationId, keepLastIfActive: true } },
})

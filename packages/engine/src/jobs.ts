import { Queue, Worker, type ConnectionOptions } from 'bullmq'
import type { Pointer } from '@tributary/database/outbox'
import type { Log } from '@tributary/kit/log'
import { z } from 'zod'

/**
 * Redis is a doorbell and a throttle, never the truth. A job says only which resource to look at.
 * While a job waits, another of its resource adds nothing; while it runs, one more is kept for after
 * it. What Redis loses, the sweeper rings again.
 */
const Job = z.object({ id: z.string() })

const lockMs = 5000

export class Jobs {
  readonly #connection: ConnectionOptions
  readonly #prefix: string
  readonly #queues = new Map<string, Queue>()
  readonly #workers: Worker[] = []
  readonly #log: Log

  constructor(options: { connection: ConnectionOptions; prefix: string; kinds: readonly string[]; log: Log }) {
    this.#connection = options.connection
    this.#prefix = options.prefix
    this.#log = options.log
    for (const kind of options.kinds) {
      const queue = new Queue(kind, {
        connection: this.#connection,
        prefix: this.#prefix,
        defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      })
      queue.on('error', (error) => this.#log.warn({ err: error }, 'Redis'))
      this.#queues.set(kind, queue)
    }
  }

  /** Rings for each resource once. */
  async ring(pointers: readonly Pointer[]): Promise<void> {
    await Promise.all(
      [...this.#queues].map(async ([kind, queue]) => {
        const ids = new Set(pointers.filter((pointer) => pointer.kind === kind).map(({ id }) => id))
        if (ids.size === 0) return
        await queue.addBulk([...ids].map((id) => job(id, id)))
      }),
    )
  }

  /**
   * Rings for a resource whose job may have died with its worker: the lease token makes this another
   * job than the dead one, which blocks its own kind until it is found stalled.
   */
  async ringAfterLease(pointers: readonly (Pointer & { token: bigint })[]): Promise<void> {
    await Promise.all(
      [...this.#queues].map(async ([kind, queue]) => {
        const due = pointers.filter((pointer) => pointer.kind === kind)
        if (due.length > 0) await queue.addBulk(due.map(({ id, token }) => job(id, `${id}@${token}`)))
      }),
    )
  }

  consume(kind: string, concurrency: number, handle: (id: string) => Promise<void>): void {
    const worker = new Worker(kind, async ({ data }) => handle(Job.parse(data).id), {
      connection: this.#connection,
      prefix: this.#prefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: 1_000_000,
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

  async close(): Promise<void> {
    await this.stopConsuming()
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()))
  }
}

const job = (id: string, deduplicationId: string) => ({
  name: 'reconcile',
  data: { id },
  opts: { deduplication: { id: deduplicationId, keepLastIfActive: true } },
})

import type { JobQueues } from '@tributary/engine/stores'
import type { SimulatedProcess, Surroundings } from './simulatedProcess.ts'

interface Job {
  id: string
  /** While a job of that name waits, another adds nothing; while it runs, one more is kept for after it. */
  name: string
  again: boolean
}

interface Running {
  job: Job
  by: SimulatedProcess
  lockedUntil: number
}

interface Consumer {
  process: SimulatedProcess
  concurrency: number
  handle: (id: string) => Promise<void>
  running: Set<Promise<void>>
  stopped: boolean
}

interface Queue {
  waiting: Job[]
  running: Set<Running>
  consumers: Consumer[]
}

const lockMs = 5000

/** How likely a job that is added is lost, or there twice. */
export interface Unreliability {
  losing: number
  doubling: number
}

/** BullMQ's queues as the engine uses them: jobs with deduplication, locks that lapse, and everything may be lost. */
export class SimulatedRedis {
  unreliability: Unreliability
  readonly #surroundings: Surroundings
  readonly #queues = new Map<string, Queue>()
  readonly #kinds: readonly string[]

  constructor(kinds: readonly string[], surroundings: Surroundings, unreliability: Unreliability) {
    this.#kinds = kinds
    this.#surroundings = surroundings
    this.unreliability = unreliability
    for (const kind of kinds) this.#queues.set(kind, { waiting: [], running: new Set(), consumers: [] })
  }

  /** FLUSHALL. */
  empty(): void {
    this.#surroundings.time.note('Redis is emptied')
    for (const queue of this.#queues.values()) {
      queue.waiting = []
      queue.running.clear()
    }
  }

  jobsFor(process: SimulatedProcess): JobQueues {
    const consumers: Consumer[] = []
    process.whenDead(() => {
      for (const queue of this.#queues.values())
        queue.consumers = queue.consumers.filter((one) => !consumers.includes(one))
    })
    return {
      kinds: this.#kinds,
      ring: (pointers) =>
        process.call('ring', () => {
          for (const { kind, id } of pointers) this.#add(kind, id, id)
        }),
      ringAfterLease: (pointers) =>
        process.call('ring after lease', () => {
          for (const { kind, id, token } of pointers) this.#add(kind, id, `${id}@${token}`)
        }),
      consume: (kind, concurrency, handle) => {
        const consumer: Consumer = { process, concurrency, handle, running: new Set(), stopped: false }
        consumers.push(consumer)
        this.#queues.get(kind)?.consumers.push(consumer)
        process.clock.every(lockMs, () => this.#findStalled(kind))
        this.#offer(kind)
      },
      stopConsuming: async () => {
        for (const consumer of consumers) consumer.stopped = true
        await Promise.all(consumers.flatMap(({ running }) => [...running]))
      },
    }
  }

  #add(kind: string, id: string, name: string): void {
    const { random } = this.#surroundings
    const queue = this.#queue(kind)
    if (random.chance(this.unreliability.losing)) return
    const copies = random.chance(this.unreliability.doubling) ? 2 : 1
    const same = ({ name: other }: Job) => other === name
    const running = [...queue.running].find(({ job }) => same(job))
    if (copies === 1 && running !== undefined) {
      running.job.again = true
      return
    }
    if (copies === 1 && queue.waiting.some(same)) return
    for (let copy = 0; copy < copies; copy++) queue.waiting.push({ id, name, again: false })
    this.#offer(kind)
  }

  #offer(kind: string): void {
    const { time, random } = this.#surroundings
    time.schedule(random.between(0.2, 3), '', () => this.#hand(kind))
  }

  /** Gives a job to a consumer that has room, not always the oldest. */
  #hand(kind: string): void {
    const { time, random } = this.#surroundings
    const queue = this.#queue(kind)
    const free = queue.consumers.filter(
      ({ process, running, concurrency, stopped }) => process.takesWork && !stopped && running.size < concurrency,
    )
    const consumer = random.pick(free)
    const [job] = queue.waiting.splice(random.below(queue.waiting.length), 1)
    if (job === undefined) return
    if (consumer === undefined) return void queue.waiting.unshift(job)
    const { process } = consumer
    time.note(`${process.name} takes the job ${kind}/${job.name}`)
    const run: Running = { job, by: process, lockedUntil: time.nowMs + lockMs }
    queue.running.add(run)
    const handled = consumer
      .handle(job.id)
      .catch(() => undefined)
      .finally(() => {
        consumer.running.delete(handled)
        this.#end(kind, run)
      })
    consumer.running.add(handled)
    if (queue.waiting.length > 0) this.#offer(kind)
  }

  #end(kind: string, run: Running): void {
    const queue = this.#queue(kind)
    // One that was taken for stalled, or was lost, is no longer this worker's.
    if (queue.running.delete(run) && run.job.again) queue.waiting.push({ ...run.job, again: false })
    if (queue.waiting.length > 0) this.#offer(kind)
  }

  /** Jobs of who died or sleeps are given to others. */
  #findStalled(kind: string): void {
    const { time } = this.#surroundings
    const queue = this.#queue(kind)
    for (const run of queue.running) {
      if (run.by.takesWork) run.lockedUntil = time.nowMs + lockMs
      if (run.lockedUntil > time.nowMs) continue
      queue.running.delete(run)
      queue.waiting.push(run.job)
    }
    if (queue.waiting.length > 0) this.#offer(kind)
  }

  #queue(kind: string): Queue {
    const queue = this.#queues.get(kind)
    if (queue === undefined) throw new Error(`no queue ${kind}`)
    return queue
  }
}

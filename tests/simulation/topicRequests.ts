import { Refused, type Author } from './controlTables.ts'
import type { Invariants, Outcome } from './invariants.ts'
import { KafkaRefusal, listedTopic } from './kafka.ts'
import type { SimulatedProcess } from './simulatedProcess.ts'
import type { World } from './world.ts'

/** Few, so that requests get in each other's way. */
export const topicNames = ['orders', 'payments', 'returns']

/** Statements and calls to Kafka run out of time: what is later than that does not happen. */
const longestRequestMs = 40_000

interface AskedTopic {
  name: string
  partitions: number
}

/** One request for a topic, with the calls that `createTopic` and `deleteTopic` make, in their order. */
export class TopicRequest {
  readonly #process: SimulatedProcess
  readonly #world: World
  readonly #invariants: Invariants
  readonly #author: Author
  readonly #clusterId: string
  readonly #endsAt: number

  constructor(process: SimulatedProcess, world: World, invariants: Invariants, author: Author, clusterId: string) {
    this.#process = process
    this.#world = world
    this.#invariants = invariants
    this.#author = author
    this.#clusterId = clusterId
    this.#endsAt = world.time.nowMs + longestRequestMs
  }

  /** The reservation is the change that is audited. */
  create({ name, partitions }: AskedTopic): Promise<void> {
    const { control, machines } = this.#world
    const clusterId = this.#clusterId
    return this.#answer(async () => {
      const wanted = { name, partitionsCount: partitions, isNew: true }
      const reserved = await this.#call(`reserve ${partitions} of ${name}`, () =>
        control.reservePartitions(this.#author, clusterId, wanted),
      )
      this.#cameTo('done')
      try {
        const made = { partitions, madeBy: 'control plane' } as const
        await this.#call(`create ${name}`, () => machines.createTopic(clusterId, name, made))
      } catch (error) {
        if (error instanceof KafkaRefusal)
          await this.#call(`give back ${name}`, () => control.giveBackPartitions(clusterId, name, reserved))
        return
      }
      await this.#call(`record ${name}`, () => control.recordTopic(clusterId, listedTopic(name, partitions), reserved))
    })
  }

  delete(name: string): Promise<void> {
    const { control, machines } = this.#world
    const clusterId = this.#clusterId
    return this.#answer(async () => {
      const begunAt = await this.#call('read the clock', () => this.#world.time.nowMs)
      await this.#call(`delete ${name}`, () => machines.deleteTopic(clusterId, name))
      const isRecorded = await this.#call(`record deleted ${name}`, () =>
        control.recordDeletedTopic(this.#author, clusterId, name, begunAt),
      )
      this.#cameTo(isRecorded ? 'done' : 'refused')
    })
  }

  async #answer(work: () => Promise<void>): Promise<void> {
    this.#cameTo('unknown')
    try {
      await work()
    } catch (error) {
      if (error instanceof Refused || error instanceof KafkaRefusal) this.#cameTo('refused')
    }
  }

  #cameTo(outcome: Outcome): void {
    this.#invariants.outcomes.set(this.#author.requestId, outcome)
  }

  /** Now and then the process that works on the request dies with the answer. */
  async #call<Result>(what: string, effect: () => Result): Promise<Result> {
    const { time, random } = this.#world
    const result = await this.#process.call(
      `${what} in ${this.#clusterId} for ${this.#author.requestId}`,
      () => {
        if (time.nowMs > this.#endsAt) throw new Error('out of time')
        const result = effect()
        this.#invariants.quotasHold()
        return result
      },
      { slowness: 10 },
    )
    if (random.chance(0.03)) throw new Error('the process died')
    return result
  }
}

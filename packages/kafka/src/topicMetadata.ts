import { metadataV12, ProtocolError } from '@platformatic/kafka'
import { askBroker, type KafkaConnection } from './connection.ts'
import { partsOf } from './kafkaErrors.ts'

interface Known {
  partitionsCount: number
  leaders: ReadonlyMap<number, { host: string; port: number }>
  at: number
}

/** Partitions are added, and leaders change, without a word to those who write elsewhere. */
const maxAgeMs = 30_000

/** What a principal knows of a topic: asked for once, and again when it is old or proved wrong. */
export class TopicMetadata {
  readonly #connection: KafkaConnection
  readonly #topic: string
  #known: Promise<Known> | undefined

  constructor(connection: KafkaConnection, topic: string) {
    this.#connection = connection
    this.#topic = topic
  }

  /** At least `atLeast`, unless the topic has fewer. Throws where there is no such topic, or it may not be described. */
  async partitionsCount(atLeast: number): Promise<number> {
    const { partitionsCount, at } = await this.#current()
    if (partitionsCount >= atLeast && performance.now() - at < maxAgeMs) return partitionsCount
    this.forget()
    return (await this.#current()).partitionsCount
  }

  async leaderOf(partition: number): Promise<{ host: string; port: number }> {
    const leader = (await this.#current()).leaders.get(partition)
    if (leader === undefined) throw new Error(`a partition of ${this.#topic} has no leader at the moment`)
    return leader
  }

  forget(): void {
    this.#known = undefined
  }

  #current(): Promise<Known> {
    this.#known ??= this.#ask().catch((error: unknown) => {
      this.forget()
      throw error
    })
    return this.#known
  }

  async #ask(): Promise<Known> {
    // A partition without a leader is an error of its own, and says nothing of the others.
    const { brokers, topics } = await askBroker(this.#connection, (broker) =>
      partsOf(metadataV12.api.async(broker, [this.#topic], false, false)),
    )
    const [topic] = topics
    if (topic === undefined) throw new Error('a broker said nothing of a topic')
    if (topic.errorCode !== 0) throw new ProtocolError(topic.errorCode)
    const addresses = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]))
    const leaders = topic.partitions.flatMap(({ partitionIndex, leaderId }) => {
      const address = addresses.get(leaderId)
      return address === undefined ? [] : ([[partitionIndex, address]] as const)
    })
    return { partitionsCount: topic.partitions.length, leaders: new Map(leaders), at: performance.now() }
  }
}

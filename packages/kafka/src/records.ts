import { createHash } from 'node:crypto'
import type { KafkaConnection } from './connection.ts'
import { partitionOf } from './partitioning.ts'
import { PartitionWriter, type NewRecord, type WrittenRecord } from './partitionWriter.ts'
import { TopicMetadata } from './topicMetadata.ts'

export type { NewRecord } from './partitionWriter.ts'

/** Writes the records of one principal to one topic. */
export class TopicWriter {
  readonly #connection: KafkaConnection
  readonly #topic: string
  readonly #metadata: TopicMetadata
  readonly #partitions = new Map<number, PartitionWriter>()
  /** Where a record without a key goes: to one partition until a batch has left, then to the next. */
  #current = -1

  constructor(connection: KafkaConnection, topic: string) {
    this.#connection = connection
    this.#topic = topic
    this.#metadata = new TopicMetadata(connection, topic)
  }

  /** Settles when every replica in sync has it. Undefined where the topic has no such partition. */
  async write(record: NewRecord): Promise<WrittenRecord | undefined> {
    const count = await this.#metadata.partitionsCount((record.partition ?? 0) + 1)
    const partition =
      record.partition ?? (record.key === null ? this.#anyPartition(count) : partitionOf(record.key, count))
    return partition < count ? this.#writerOf(partition).write(record) : undefined
  }

  #anyPartition(count: number): number {
    if (!this.#partitions.get(this.#current)?.isWaiting) this.#current = (this.#current + 1) % count
    return this.#current
  }

  #writerOf(partition: number): PartitionWriter {
    const writer =
      this.#partitions.get(partition) ?? new PartitionWriter(this.#connection, this.#metadata, this.#topic, partition)
    this.#partitions.set(partition, writer)
    return writer
  }
}

/** Writers that outlive a request: what they know of their topic, and their producer ids, serve the next one. */
export class TopicWriters {
  readonly #idleMs: number
  readonly #kept = new Map<string, { writer: TopicWriter; idle: NodeJS.Timeout }>()

  constructor({ idleMs }: { idleMs: number }) {
    this.#idleMs = idleMs
  }

  /** The writer of this principal and topic. Nobody gives it back: it is kept for a while after it was last asked for. */
  of(connection: KafkaConnection, topic: string): TopicWriter {
    const key = keyOf(connection, topic)
    const known = this.#kept.get(key)
    if (known !== undefined) {
      known.idle.refresh()
      return known.writer
    }
    // Connections of their own: a batch is answered when the slowest replica has it, and what is behind it waits.
    const writer = new TopicWriter({ ...connection, clientId: `${connection.clientId}-producer` }, topic)
    this.#kept.set(key, { writer, idle: setTimeout(() => this.#kept.delete(key), this.#idleMs).unref() })
    return writer
  }
}

/** The secret is in it, so only its hash stays in memory. */
const keyOf = ({ bootstrap, sasl }: KafkaConnection, topic: string) =>
  createHash('sha256')
    .update(JSON.stringify([bootstrap, sasl, topic]))
    .digest('base64')

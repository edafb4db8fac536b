import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import {
  initProducerIdV5,
  NumericMap,
  ProduceAcks,
  produceV11,
  ProtocolError,
  type Connection,
  type MessageRecord,
} from '@platformatic/kafka'
import { withAdmin, type KafkaConnection } from './connection.ts'
import { hasKafkaError, isAuthenticationFailure, kafkaErrorsOf, partsOf } from './kafkaErrors.ts'
import { outcomeOf, type Outcome } from './produceOutcome.ts'
import type { TopicMetadata } from './topicMetadata.ts'

export interface NewRecord {
  /** Undefined for the one that the key says, or any. */
  partition: number | undefined
  key: Buffer | null
  value: Buffer | null
  headers: readonly (readonly [name: Buffer, value: Buffer | null])[]
  /** Undefined for now. */
  timestampMs: number | undefined
}

export interface WrittenRecord {
  partition: number
  offset: number
  /** The broker's where the topic says so, else the record's own. */
  timestampMs: number
}

interface Waiting {
  message: MessageRecord & { timestamp: bigint }
  bytes: number
  resolve: (written: WrittenRecord) => void
  reject: (error: unknown) => void
}

type Attempt =
  | { outcome: 'written'; answer: produceV11.ProduceResponsePartition; failure?: never }
  | { outcome: Exclude<Outcome, 'written'>; failure: unknown; answer?: never }

interface Producer {
  id: bigint
  epoch: number
}

/** Well below what a topic takes by default, so that many small records never make too large a batch. */
const largestBatchBytes = 512 * 1024
const mostRecords = 2000
/** A batch is tried for this long. */
const deliveryTimeoutMs = 10_000
const ackTimeoutMs = 10_000
const retryEveryMs = 100

/**
 * Writes the records of one principal to one partition in the order in which they come. One batch is under
 * way at a time, and whatever arrives meanwhile is the next one: that keeps the order through retries, and
 * makes batches as large as the brokers are slow. Every replica that is in sync has a record before it counts
 * as written. Where the broker lets the principal be an idempotent producer a batch whose answer is lost is
 * sent again and written once; where it doesn't, such a batch fails.
 */
export class PartitionWriter {
  readonly #connection: KafkaConnection
  readonly #metadata: TopicMetadata
  readonly #topic: string
  readonly #partition: number
  #queue: Waiting[] = []
  #isBusy = false
  /** Undefined until asked for; null where the principal may not be one. */
  #producer: Producer | null | undefined
  #sequence = 0

  constructor(connection: KafkaConnection, metadata: TopicMetadata, topic: string, partition: number) {
    this.#connection = connection
    this.#metadata = metadata
    this.#topic = topic
    this.#partition = partition
  }

  /** Whether a batch waits already, which one more record would make larger. */
  get isWaiting(): boolean {
    return this.#queue.length > 0
  }

  write({ key, value, headers, timestampMs }: NewRecord): Promise<WrittenRecord> {
    const { promise, resolve, reject } = Promise.withResolvers<WrittenRecord>()
    const message = {
      topic: this.#topic,
      partition: this.#partition,
      timestamp: BigInt(timestampMs ?? Date.now()),
      // The client's types know no null, its encoder does.
      key: key as Buffer,
      value: value as Buffer,
      headers: new Map(headers) as Map<Buffer, Buffer>,
    }
    const ofHeaders = headers.reduce((sum, [name, bytes]) => sum + name.length + (bytes?.length ?? 0), 0)
    const bytes = (key?.length ?? 0) + (value?.length ?? 0) + ofHeaders
    this.#queue.push({ message, bytes, resolve, reject })
    if (!this.#isBusy) void this.#drain()
    return promise
  }

  async #drain(): Promise<void> {
    this.#isBusy = true
    // What arrives together goes together.
    await turn()
    while (this.#queue.length > 0) await this.#send(this.#takeBatch())
    this.#isBusy = false
  }

  #takeBatch(): Waiting[] {
    let bytes = 0
    const end = this.#queue.findIndex((waiting, index) => {
      bytes += waiting.bytes
      return index === mostRecords || (index > 0 && bytes > largestBatchBytes)
    })
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end)
  }

  /** Settles every record of the batch, one way or the other. */
  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const answer = await this.#deliver(batch)
      if (answer === 'split') {
        const half = batch.length >> 1
        await this.#send(batch.slice(0, half))
        await this.#send(batch.slice(half))
        return
      }
      for (const [index, { message, resolve }] of batch.entries()) {
        resolve({
          partition: this.#partition,
          offset: Number(answer.baseOffset) + index,
          timestampMs: Number(answer.logAppendTimeMs === -1n ? message.timestamp : answer.logAppendTimeMs),
        })
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  async #deliver(batch: readonly Waiting[]): Promise<produceV11.ProduceResponsePartition | 'split'> {
    const deadline = performance.now() + deliveryTimeoutMs
    // Once an answer was lost, the batch may be there: only the same producer may send it again.
    let mayBeWritten = false
    for (;;) {
      const { outcome, answer, failure } = await this.#attempt(batch)
      const isOver = performance.now() > deadline
      switch (outcome) {
        case 'written':
          this.#sequence = (this.#sequence + batch.length) % 2 ** 31
          return answer
        case 'split':
          if (batch.length === 1) throw failure
          return 'split'
        case 'forgotten':
          this.#begin(undefined)
          if (mayBeWritten || isOver) throw failure
          break
        case 'unknown':
          mayBeWritten = true
          if (isOver || this.#producer == null) {
            this.#begin(undefined)
            throw failure
          }
          break
        case 'again':
          if (isOver) throw failure
          break
        case 'refused':
          if (mayBeWritten) this.#begin(undefined)
          throw failure
      }
      this.#metadata.forget()
      await delay(retryEveryMs)
    }
  }

  /** Throws what another attempt would not help. */
  async #attempt(batch: readonly Waiting[]): Promise<Attempt> {
    let isSent = false
    try {
      return await withAdmin(this.#connection, async (admin) => {
        const leader = await admin.connections.get(await this.#metadata.leaderOf(this.#partition))
        if (this.#producer === undefined) this.#begin(await beginProducer(leader))
        isSent = true
        const answer = await this.#produce(leader, batch)
        const outcome = outcomeOf(answer.errorCode)
        if (outcome === 'written') return { outcome, answer }
        return { outcome, failure: new ProtocolError(answer.errorCode, answer.errorMessage) }
      })
    } catch (failure) {
      if (isAuthenticationFailure(failure) || kafkaErrorsOf(failure).length > 0) throw failure
      return { outcome: isSent ? 'unknown' : 'again', failure }
    }
  }

  async #produce(leader: Connection, batch: readonly Waiting[]): Promise<produceV11.ProduceResponsePartition> {
    const sequences = new NumericMap([[`${this.#topic}:${this.#partition}`, this.#sequence]])
    const options =
      this.#producer == null ? {} : { producerId: this.#producer.id, producerEpoch: this.#producer.epoch, sequences }
    const messages = batch.map(({ message }) => message)
    const response = await partsOf(produceV11.api.async(leader, ProduceAcks.ALL, ackTimeoutMs, messages, options))
    const answer = typeof response === 'object' ? response.responses[0]?.partitionResponses[0] : undefined
    if (answer === undefined) throw new Error('a broker said nothing of a batch')
    return answer
  }

  /** From here on as this producer, whose first batch has the sequence number 0. */
  #begin(producer: Producer | null | undefined): void {
    this.#producer = producer
    this.#sequence = 0
  }
}

/** Null where the principal may not be an idempotent producer. */
async function beginProducer(broker: Connection): Promise<Producer | null> {
  try {
    const { producerId, producerEpoch } = await initProducerIdV5.api.async(broker, null, 0)
    return { id: producerId, epoch: producerEpoch }
  } catch (error) {
    if (hasKafkaError(error, 'CLUSTER_AUTHORIZATION_FAILED')) return null
    throw error
  }
}

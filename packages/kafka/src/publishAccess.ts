import { NetworkError, Producer, stringSerializers } from '@platformatic/kafka'
import type { AccessRecord } from './accessTopic.ts'
import { accessTopic } from './brokerConfiguration.ts'
import { clientOptions, type KafkaConnection } from './connection.ts'

/**
 * One transactional producer for each cluster: whoever begins a newer one fences the others. So what is published is
 * read under the producer's epoch: a publisher that was paused after it read is fenced by then, or was the last, and
 * never writes what it knew over what another has published since.
 *
 * A producer stays open after a publication, for the next is often near, and opening one takes longer than a
 * publication. It is in use by one publication at a time: another one of the same cluster, left over from a lease that
 * was lost, gets a producer of its own and is fenced, or fences.
 */
export class AccessPublisher {
  readonly #idle = new Map<string, { producer: AccessProducer; timer: NodeJS.Timeout }>()

  /**
   * Publishes what `read` returns, all of it or nothing. `read` is called once the producer is ours, and again with a
   * new one if the kept one was fenced or lost.
   */
  async publish(
    clusterId: string,
    connection: KafkaConnection,
    read: () => Promise<readonly AccessRecord[]>,
  ): Promise<void> {
    const kept = this.#take(clusterId)
    if (kept !== undefined && (await this.#attempt(clusterId, kept, read).catch(() => false))) return
    await this.#attempt(clusterId, openProducer(clusterId, connection), read)
  }

  async #attempt(
    clusterId: string,
    producer: AccessProducer,
    read: () => Promise<readonly AccessRecord[]>,
  ): Promise<true> {
    try {
      const transaction = await within(beginWithinMs, producer.beginTransaction())
      const records = await read()
      for (const messages of batches(records)) await transaction.send({ messages, acks: -1 })
      // Brokers know of no transaction in which nothing was sent.
      await (records.length > 0 ? transaction.commit() : transaction.cancel())
    } catch (error) {
      await producer.close(true)
      throw error
    }
    this.#keep(clusterId, producer)
    return true
  }

  #take(clusterId: string): AccessProducer | undefined {
    const kept = this.#idle.get(clusterId)
    clearTimeout(kept?.timer)
    this.#idle.delete(clusterId)
    return kept?.producer
  }

  #keep(clusterId: string, producer: AccessProducer): void {
    this.#end(clusterId)
    const timer = setTimeout(() => this.#end(clusterId), idleMs)
    timer.unref()
    this.#idle.set(clusterId, { producer, timer })
    const [oldest] = this.#idle.keys()
    if (this.#idle.size > mostIdle && oldest !== undefined) this.#end(oldest)
  }

  #end(clusterId: string): void {
    this.#take(clusterId)
      ?.close(true)
      // Its connections are gone, which is what was wanted.
      .catch(() => undefined)
  }
}

type AccessProducer = ReturnType<typeof openProducer>

/** The client tries again and again to find whoever coordinates its transactions: for longer than anyone should wait. */
const beginWithinMs = 5000

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new NetworkError(`nobody answered in ${ms} ms`)), ms)
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

const idleMs = 300_000
const mostIdle = 32

/** Brokers take no batch over 1 MiB. */
const batchBytes = 512 * 1024

const openProducer = (clusterId: string, connection: KafkaConnection) =>
  new Producer({
    ...clientOptions(connection),
    // The brokers' plugin lets no tenant use this prefix: whoever begins a producer of this id fences ours.
    transactionalId: `__tributary_access-${clusterId}`,
    idempotent: true,
    // "I know of none": the broker gives a new epoch and fences older ones. The client's own default, producer 0 in
    // epoch 0, is somebody: the broker takes it for a repeated request, and our records for ones that it has.
    producerId: -1n,
    producerEpoch: -1,
    retries: 30,
    retryDelay: 40,
    serializers: stringSerializers,
  })

const toMessage = ({ key, revision, content }: AccessRecord) => ({
  topic: accessTopic,
  key,
  value: JSON.stringify({ revision, ...content }),
  partition: 0,
})

function* batches(records: readonly AccessRecord[]) {
  let batch: ReturnType<typeof toMessage>[] = []
  let bytes = 0
  for (const message of records.map(toMessage)) {
    const size = Buffer.byteLength(message.key) + Buffer.byteLength(message.value) + recordOverheadBytes
    if (batch.length > 0 && bytes + size > batchBytes) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(message)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/** At most, of lengths and deltas in a record of Kafka's format. */
const recordOverheadBytes = 32

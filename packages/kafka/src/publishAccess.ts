import { Producer, stringSerializers } from '@platformatic/kafka'
import { accessTopic } from './brokerConfiguration.ts'
import { clientOptions, withAdmin, type KafkaConnection } from './connection.ts'
import { hasKafkaError } from './kafkaErrors.ts'

/**
 * What brokers know of keys and grants, as records of the access topic. Each carries a revision;
 * brokers ignore one that is older than what they have, so a late writer brings nothing back.
 * A deletion is a record too: a tombstone has no revision, and would let an older record revive it.
 */
export interface AccessRecord {
  key: `key/${string}` | `binding/${string}`
  value: { revision: number } & (
    | { owner: string; salt: string; hash: string }
    | { principal: string; grants: readonly AccessGrant[] }
    | { deleted: true }
  )
}

/** Operations by Kafka's names, one by one, on what the pattern names. Everything of a type: the prefix of no length. */
export interface AccessGrant {
  type: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID' | 'CLUSTER'
  name: string
  pattern: 'LITERAL' | 'PREFIXED'
  operations: readonly string[]
}

/**
 * Publishes all of the records or none. One transactional producer for each cluster: beginning a
 * new one fences whoever published before.
 */
export async function publishAccess(
  clusterId: string,
  connection: KafkaConnection,
  records: readonly AccessRecord[],
): Promise<void> {
  const producer = new Producer({
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
  try {
    const transaction = await producer.beginTransaction()
    await transaction.send({
      messages: records.map(({ key, value }) => ({
        topic: accessTopic,
        key,
        value: JSON.stringify(value),
        partition: 0,
      })),
      acks: -1,
    })
    await transaction.commit()
  } finally {
    await producer.close(true)
  }
}

/** Makes the access topic, unless it exists. Returns when its partition has a leader. */
export async function createAccessTopic(connection: KafkaConnection, replicas: number): Promise<void> {
  await withAdmin(connection, async (admin) => {
    try {
      await admin.createTopics({
        topics: [accessTopic],
        partitions: 1,
        replicas,
        configs: [
          { name: 'cleanup.policy', value: 'compact' },
          { name: 'min.insync.replicas', value: String(Math.min(2, replicas)) },
        ],
      })
    } catch (error) {
      if (!hasKafkaError(error, 'TOPIC_ALREADY_EXISTS')) throw error
    }
  })
}

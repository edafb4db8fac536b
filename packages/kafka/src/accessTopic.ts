import { accessTopic } from './brokerConfiguration.ts'
import { withAdmin, type KafkaConnection } from './connection.ts'
import { hasKafkaError } from './kafkaErrors.ts'

/**
 * What brokers know of keys and role bindings, as records of the access topic. Each carries a revision;
 * brokers ignore one that is older than what they have, so a late writer brings nothing back.
 * A deletion is a record too: a tombstone has no revision, and would let an older record revive it.
 */
export interface AccessRecord {
  key: AccessKey
  revision: number
  content: AccessContent
}

export type AccessKey = `key/${string}` | `binding/${string}`

export type AccessContent =
  /** `salt` and `hash` in base64; `expires` in milliseconds since 1970. */
  | { owner: string; salt: string; hash: string; expires?: number }
  /** What a role comes to here, in Kafka's own words: brokers know no roles. */
  | { principal: string; grants: readonly AccessGrant[] }
  | { deleted: true }

export interface AccessGrant {
  type: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID' | 'CLUSTER'
  name: string
  pattern: 'LITERAL' | 'PREFIXED'
  operations: readonly string[]
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

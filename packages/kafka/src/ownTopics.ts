import { accessTopic, keyUsageTopic } from './brokerConfiguration.ts'
import { withAdmin, type KafkaConnection } from './connection.ts'
import { kafkaErrorsOf } from './kafkaErrors.ts'

/**
 * Makes the topics between control plane and brokers, as far as they don't exist. Returns when the partition of each
 * that was made has a leader.
 */
export async function createOwnTopics(connection: KafkaConnection, replicas: number): Promise<void> {
  await withAdmin(connection, async (admin) => {
    try {
      await admin.createTopics({
        topics: [accessTopic, keyUsageTopic],
        partitions: 1,
        replicas,
        configs: [
          { name: 'cleanup.policy', value: 'compact' },
          { name: 'min.insync.replicas', value: String(Math.min(2, replicas)) },
          // What is written to last is not compacted, and keys in use are written down every minute.
          { name: 'segment.bytes', value: String(16 * 1024 * 1024) },
        ],
      })
    } catch (error) {
      const refusals = kafkaErrorsOf(error)
      const isOfOthers = refusals.some(({ apiId }) => apiId !== 'TOPIC_ALREADY_EXISTS')
      if (refusals.length === 0 || isOfOthers) throw error
    }
  })
}

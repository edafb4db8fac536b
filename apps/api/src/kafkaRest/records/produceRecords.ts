import { ProduceReport, ProduceRequest, type TypedData } from '@tributary/contract/kafkaRest/records'
import { TopicName } from '@tributary/contract/kafkaRest/topics'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { streamOperation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { encodeRecord } from './encodeRecord.ts'

export const produceRecords = streamOperation({
  id: 'produceRecord',
  summary: 'Produce records: one, or a stream of them for as long as the connection is open',
  method: 'POST',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}/records',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath.extend({ topic_name: TopicName }),
  document: ProduceRequest,
  reply: { status: 200, body: ProduceReport },
  target: clusterClient,
  handle: async ({ params, target: { cluster, connection } }, { topicWriters }) => {
    const topic = params.topic_name
    const writer = topicWriters.of(connection, topic)
    return async (document) => {
      const record = encodeRecord(document)
      const written = await writer.write(record).catch(asKafkaRestError)
      if (written === undefined) throw kafkaRestErrors.noSuchPartition(record.partition ?? 0)
      return {
        error_code: 200,
        cluster_id: cluster.id,
        topic_name: topic,
        partition_id: written.partition,
        offset: written.offset,
        timestamp: new Date(written.timestampMs).toISOString(),
        ...(document.key && { key: sizeOf(document.key, record.key) }),
        ...(document.value && { value: sizeOf(document.value, record.value) }),
      }
    }
  },
})

const sizeOf = ({ type }: TypedData, bytes: Buffer | null) => ({ type, size: bytes?.length ?? 0 })

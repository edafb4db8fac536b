import { Partition, PartitionId } from '@tributary/contract/kafkaRest/partitions'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { describeTopic } from '@tributary/kafka/topics'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { TopicPath } from '../topics/topicPath.ts'
import { renderPartition } from './renderPartition.ts'

export const getPartition = operation({
  id: 'getKafkaPartition',
  summary: 'Read a partition of a topic',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}/partitions/{partition_id}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicPath.extend({ partition_id: PartitionId }),
  reply: { status: 200, body: Partition },
  target: clusterClient,
  handle: async ({ params: { topic_name, partition_id }, target: { cluster, connection } }, { publicUrl }) => {
    const topic = await describeTopic(connection, topic_name).catch(asKafkaRestError)
    if (topic === undefined) throw kafkaRestErrors.noSuchTopic()
    const partition = topic.partitions.find(({ id }) => id === partition_id)
    if (partition === undefined) throw kafkaRestErrors.noSuchPartition(partition_id)
    return renderPartition(publicUrl, cluster.id, topic_name, partition)
  },
})

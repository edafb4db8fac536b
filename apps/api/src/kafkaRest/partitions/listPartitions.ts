import { PartitionList } from '@tributary/contract/kafkaRest/partitions'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { describeTopic } from '@tributary/kafka/topics'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderList } from '../renderList.ts'
import { TopicPath } from '../topics/topicPath.ts'
import { renderPartition } from './renderPartition.ts'

export const listPartitions = operation({
  id: 'listKafkaPartitions',
  summary: 'List the partitions of a topic',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}/partitions',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicPath,
  reply: { status: 200, body: PartitionList },
  target: clusterClient,
  handle: async ({ params: { topic_name }, target: { cluster, connection } }, { publicUrl }) => {
    const topic = await describeTopic(connection, topic_name).catch(asKafkaRestError)
    if (topic === undefined) throw kafkaRestErrors.noSuchTopic()
    const data = topic.partitions.map((partition) => renderPartition(publicUrl, cluster.id, topic_name, partition))
    return renderList(
      'KafkaPartitionList',
      publicUrl,
      `/kafka/v3/clusters/${cluster.id}/topics/${topic_name}/partitions`,
      data,
    )
  },
})

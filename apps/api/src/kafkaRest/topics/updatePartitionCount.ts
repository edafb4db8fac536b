import { Topic, UpdatePartitionCount } from '@tributary/contract/kafkaRest/topics'
import { updatePartitionCount as update } from '@tributary/control/topics/updatePartitionCount'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderTopic } from './renderTopic.ts'
import { TopicPath } from './topicPath.ts'

export const updatePartitionCount = operation({
  id: 'updatePartitionCountKafkaTopic',
  summary: 'Give a topic more partitions',
  method: 'PATCH',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicPath,
  body: UpdatePartitionCount,
  reply: { status: 200, body: Topic },
  target: clusterClient,
  handle: async ({ params, body, caller, target }, { publicUrl }) => {
    const topic = await update(caller, target, params.topic_name, body.partitions_count).catch(asKafkaRestError)
    if (topic === undefined) throw kafkaRestErrors.noSuchTopic()
    return renderTopic(publicUrl, target.cluster.id, topic)
  },
})

import { Topic, TopicName } from '@tributary/contract/kafkaRest/topics'
import { describeTopic } from '@tributary/kafka/topics'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderTopic } from './renderTopic.ts'

export const getTopic = operation({
  id: 'getKafkaTopic',
  summary: 'Read a topic',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath.extend({ topic_name: TopicName }),
  reply: { status: 200, body: Topic },
  target: clusterClient,
  handle: async ({ params, target: { cluster, connection } }, { publicUrl }) => {
    const topic = await describeTopic(connection, params.topic_name).catch(asKafkaRestError)
    if (topic === undefined) throw kafkaRestErrors.noSuchTopic()
    return renderTopic(publicUrl, cluster.id, topic)
  },
})

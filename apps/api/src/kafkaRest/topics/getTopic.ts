import { Topic } from '@tributary/contract/kafkaRest/topics'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { describeTopic } from '@tributary/kafka/topics'
import { z } from 'zod'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderTopic } from './renderTopic.ts'
import { TopicPath } from './topicPath.ts'

export const getTopic = operation({
  id: 'getKafkaTopic',
  summary: 'Read a topic',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicPath,
  query: z.object({ include_authorized_operations: z.enum(['true', 'false']).exactOptional() }),
  reply: { status: 200, body: Topic },
  target: clusterClient,
  handle: async ({ params, query, target: { cluster, connection } }, { publicUrl }) => {
    const authorizedOperations = query.include_authorized_operations === 'true'
    const topic = await describeTopic(connection, params.topic_name, { authorizedOperations }).catch(asKafkaRestError)
    if (topic === undefined) throw kafkaRestErrors.noSuchTopic()
    return renderTopic(publicUrl, cluster.id, topic, topic.authorizedOperations)
  },
})

import { TopicList } from '@tributary/contract/kafkaRest/topics'
import { listTopics as list } from '@tributary/kafka/topics'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderList } from '../renderList.ts'
import { renderTopic } from './renderTopic.ts'

export const listTopics = operation({
  id: 'listKafkaTopics',
  summary: 'List the topics that the key may describe',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/topics',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  reply: { status: 200, body: TopicList },
  target: clusterClient,
  handle: async ({ target: { cluster, connection } }, { publicUrl }) => {
    const topics = await list(connection).catch(asKafkaRestError)
    const data = topics.map((topic) => renderTopic(publicUrl, cluster.id, topic))
    return renderList('KafkaTopicList', publicUrl, `/kafka/v3/clusters/${cluster.id}/topics`, data)
  },
})

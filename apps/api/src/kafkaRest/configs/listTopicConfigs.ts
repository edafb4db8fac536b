import { TopicConfigList } from '@tributary/contract/kafkaRest/configs'
import { describeTopicConfigs } from '@tributary/kafka/configs'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderList } from '../renderList.ts'
import { TopicPath } from '../topics/topicPath.ts'
import { renderTopicConfig } from './renderConfig.ts'

export const listTopicConfigs = operation({
  id: 'listKafkaTopicConfigs',
  summary: 'List the configs of a topic, and where their values come from',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}/configs',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicPath,
  reply: { status: 200, body: TopicConfigList },
  target: clusterClient,
  handle: async ({ params: { topic_name }, target: { cluster, connection } }, { publicUrl }) => {
    const configs = await describeTopicConfigs(connection, topic_name).catch(asKafkaRestError)
    const data = configs.map((config) => renderTopicConfig(publicUrl, cluster.id, topic_name, config))
    return renderList(
      'KafkaTopicConfigList',
      publicUrl,
      `/kafka/v3/clusters/${cluster.id}/topics/${topic_name}/configs`,
      data,
    )
  },
})

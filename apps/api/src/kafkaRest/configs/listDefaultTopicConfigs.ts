import { TopicConfigList } from '@tributary/contract/kafkaRest/configs'
import { defaultTopicConfigs } from '@tributary/control/topics/defaultTopicConfigs'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderList } from '../renderList.ts'
import { TopicPath } from '../topics/topicPath.ts'
import { renderTopicConfig } from './renderConfig.ts'

export const listDefaultTopicConfigs = operation({
  id: 'listKafkaDefaultTopicConfigs',
  summary: 'List the configs that a topic would have if it were made now',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}/default-configs',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicPath,
  reply: { status: 200, body: TopicConfigList },
  target: clusterClient,
  handle: async ({ params: { topic_name }, target }, { publicUrl }) => {
    const { id } = target.cluster
    const configs = await defaultTopicConfigs(target, topic_name).catch(asKafkaRestError)
    const data = configs.map((config) => renderTopicConfig(publicUrl, id, topic_name, config))
    return renderList(
      'KafkaTopicConfigList',
      publicUrl,
      `/kafka/v3/clusters/${id}/topics/${topic_name}/default-configs`,
      data,
    )
  },
})

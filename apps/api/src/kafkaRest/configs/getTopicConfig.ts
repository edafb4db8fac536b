import { TopicConfig } from '@tributary/contract/kafkaRest/configs'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { describeTopicConfigs } from '@tributary/kafka/configs'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { TopicConfigPath } from './configPath.ts'
import { renderTopicConfig } from './renderConfig.ts'

export const getTopicConfig = operation({
  id: 'getKafkaTopicConfig',
  summary: 'Read a config of a topic',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}/configs/{name}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicConfigPath,
  reply: { status: 200, body: TopicConfig },
  target: clusterClient,
  handle: async ({ params: { topic_name, name }, target: { cluster, connection } }, { publicUrl }) => {
    const configs = await describeTopicConfigs(connection, topic_name).catch(asKafkaRestError)
    const config = configs.find((one) => one.name === name)
    if (config === undefined) throw kafkaRestErrors.noSuchConfig(name)
    return renderTopicConfig(publicUrl, cluster.id, topic_name, config)
  },
})

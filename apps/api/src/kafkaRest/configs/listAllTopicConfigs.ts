import { TopicConfigList } from '@tributary/contract/kafkaRest/configs'
import { describeConfigsOfTopics } from '@tributary/kafka/configs'
import { listTopics } from '@tributary/kafka/topics'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderList } from '../renderList.ts'
import { renderTopicConfig } from './renderConfig.ts'

export const listAllTopicConfigs = operation({
  id: 'listKafkaAllTopicConfigs',
  summary: 'List the configs of every topic that the key may describe',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/topics/-/configs',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  reply: { status: 200, body: TopicConfigList },
  target: clusterClient,
  handle: async ({ target: { cluster, connection } }, { publicUrl }) => {
    const topics = await listTopics(connection).catch(asKafkaRestError)
    const names = topics.map(({ name }) => name)
    const found = await describeConfigsOfTopics(connection, names).catch(asKafkaRestError)
    const data = found.flatMap(({ topic, configs }) =>
      configs.map((config) => renderTopicConfig(publicUrl, cluster.id, topic, config)),
    )
    return renderList('KafkaTopicConfigList', publicUrl, `/kafka/v3/clusters/${cluster.id}/topics/-/configs`, data)
  },
})

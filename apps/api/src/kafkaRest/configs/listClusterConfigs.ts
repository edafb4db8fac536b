import { ClusterConfigList } from '@tributary/contract/kafkaRest/configs'
import { describeClusterConfigs } from '@tributary/kafka/configs'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderList } from '../renderList.ts'
import { renderClusterConfig } from './renderConfig.ts'

export const listClusterConfigs = operation({
  id: 'listKafkaClusterConfigs',
  summary: 'List the configs that were set for all brokers of the cluster',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/broker-configs',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  reply: { status: 200, body: ClusterConfigList },
  target: clusterClient,
  handle: async ({ target: { cluster, connection } }, { publicUrl }) => {
    const configs = await describeClusterConfigs(connection).catch(asKafkaRestError)
    const data = configs.map((config) => renderClusterConfig(publicUrl, cluster.id, config))
    return renderList('KafkaClusterConfigList', publicUrl, `/kafka/v3/clusters/${cluster.id}/broker-configs`, data)
  },
})

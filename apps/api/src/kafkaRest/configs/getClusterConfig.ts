import { ClusterConfig, ConfigName } from '@tributary/contract/kafkaRest/configs'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { describeClusterConfig } from '@tributary/kafka/configs'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderClusterConfig } from './renderConfig.ts'

export const getClusterConfig = operation({
  id: 'getKafkaClusterConfig',
  summary: 'Read a config of all brokers of the cluster, set or not',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/broker-configs/{name}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath.extend({ name: ConfigName }),
  reply: { status: 200, body: ClusterConfig },
  target: clusterClient,
  handle: async ({ params: { name }, target: { cluster, connection } }, { publicUrl }) => {
    const config = await describeClusterConfig(connection, name).catch(asKafkaRestError)
    if (config === undefined) throw kafkaRestErrors.noSuchConfig(name)
    return renderClusterConfig(publicUrl, cluster.id, config)
  },
})

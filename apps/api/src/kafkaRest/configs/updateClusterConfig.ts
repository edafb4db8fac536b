import { UpdateConfig } from '@tributary/contract/kafkaRest/configs'
import { operation } from '../../framework/operation.ts'
import { changeConfigs, ClusterConfigPath, ownedCluster } from './ownedCluster.ts'

export const updateClusterConfig = operation({
  id: 'updateKafkaClusterConfig',
  summary: 'Set a config of all brokers of the cluster',
  method: 'PUT',
  path: '/kafka/v3/clusters/{cluster_id}/broker-configs/{name}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterConfigPath,
  body: UpdateConfig,
  reply: { status: 204 },
  target: ownedCluster,
  handle: (input, services) => {
    const { params, body } = input
    return changeConfigs(input, services, [{ name: params.name, value: body.value }], { validateOnly: false })
  },
})

import { operation } from '../../framework/operation.ts'
import { changeConfigs, ClusterConfigPath, ownedCluster } from './ownedCluster.ts'

export const deleteClusterConfig = operation({
  id: 'deleteKafkaClusterConfig',
  summary: 'Give a config of all brokers of the cluster its default again',
  method: 'DELETE',
  path: '/kafka/v3/clusters/{cluster_id}/broker-configs/{name}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterConfigPath,
  reply: { status: 204 },
  target: ownedCluster,
  handle: (input, services) =>
    changeConfigs(input, services, [{ name: input.params.name, value: undefined }], { validateOnly: false }),
})

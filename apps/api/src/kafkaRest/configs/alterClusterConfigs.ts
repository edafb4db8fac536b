import { AlterConfigs } from '@tributary/contract/kafkaRest/configs'
import { operation } from '../../framework/operation.ts'
import { ClusterPath } from '../clusterClient.ts'
import { changeConfigs, ownedCluster } from './ownedCluster.ts'

export const alterClusterConfigs = operation({
  id: 'updateKafkaClusterConfigs',
  summary: 'Set configs of all brokers of the cluster, or give them their defaults again: all of them or none',
  method: 'POST',
  path: '/kafka/v3/clusters/{cluster_id}/broker-configs:alter',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  body: AlterConfigs,
  reply: { status: 204 },
  target: ownedCluster,
  handle: (input, services) => {
    const { data, validate_only } = input.body
    const changes = data.map(({ name, value, operation: what }) => ({
      name,
      value: what === 'DELETE' ? undefined : (value ?? undefined),
    }))
    return changeConfigs(input, services, changes, { validateOnly: validate_only })
  },
})

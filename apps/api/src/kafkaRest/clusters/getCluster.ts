import { KafkaCluster } from '@tributary/contract/kafkaRest/clusters'
import { describeCluster } from '@tributary/kafka/describeCluster'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderCluster } from './renderCluster.ts'

export const getCluster = operation({
  id: 'getKafkaCluster',
  summary: 'Read the cluster as its brokers know it',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  reply: { status: 200, body: KafkaCluster },
  target: clusterClient,
  handle: async ({ target: { cluster, connection } }, { publicUrl }) => {
    const { controllerId } = await describeCluster(connection).catch(asKafkaRestError)
    return renderCluster(publicUrl, cluster.id, controllerId)
  },
})

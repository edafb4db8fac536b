import { deleteKafkaCluster } from '@tributary/control/kafkaClusters/deleteKafkaCluster'
import { operation } from '../../framework/operation.ts'
import { ClusterParams, clusterSubject, clusterTarget, InEnvironment } from './clusterTarget.ts'

export const deleteCluster = operation({
  id: 'deleteCmkV2Cluster',
  summary: 'Delete a Kafka cluster',
  method: 'DELETE',
  path: '/cmk/v2/clusters/{id}',
  access: { permission: 'kafka-cluster:delete' },
  params: ClusterParams,
  query: InEnvironment,
  reply: { status: 204 },
  target: clusterTarget,
  subject: clusterSubject,
  handle: ({ target, caller }) => deleteKafkaCluster(caller, target),
})

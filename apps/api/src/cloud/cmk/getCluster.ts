import { Cluster } from '@tributary/contract/cloud/cmk'
import { operation } from '../../framework/operation.ts'
import { ClusterParams, clusterSubject, clusterTarget, InEnvironment } from './clusterTarget.ts'
import { renderCluster } from './renderCluster.ts'

export const getCluster = operation({
  id: 'getCmkV2Cluster',
  summary: 'Read a Kafka cluster',
  method: 'GET',
  path: '/cmk/v2/clusters/{id}',
  access: { permission: 'kafka-cluster:describe' },
  params: ClusterParams,
  query: InEnvironment,
  reply: { status: 200, body: Cluster },
  target: clusterTarget,
  subject: clusterSubject,
  handle: async ({ target }, { publicUrl }) => renderCluster(publicUrl, target),
})

import { Cluster, UpdateCluster } from '@tributary/contract/cloud/cmk'
import { findKafkaCluster } from '@tributary/control/kafkaClusters/findKafkaCluster'
import { updateKafkaCluster } from '@tributary/control/kafkaClusters/updateKafkaCluster'
import { operation } from '../../framework/operation.ts'
import { ClusterParams, clusterSubject } from './clusterTarget.ts'
import { configOf } from './configOf.ts'
import { renderCluster } from './renderCluster.ts'

export const updateCluster = operation({
  id: 'updateCmkV2Cluster',
  summary: 'Rename or protect a Kafka cluster, or make a Basic one Standard',
  method: 'PATCH',
  path: '/cmk/v2/clusters/{id}',
  access: { permission: 'kafka-cluster:update' },
  params: ClusterParams,
  body: UpdateCluster,
  reply: { status: 200, body: Cluster },
  target: ({ params, body, caller }) => findKafkaCluster(caller, params.id, body.spec.environment.id),
  subject: clusterSubject,
  handle: async ({ body: { spec }, target, caller }, { publicUrl }) => {
    const updated = await updateKafkaCluster(caller, target, {
      displayName: spec.display_name,
      availability: spec.availability,
      config: spec.config && configOf(spec.config),
      deletionProtection: spec.deletion_protection,
    })
    return renderCluster(publicUrl, updated)
  },
})

import { Cluster, CreateCluster } from '@tributary/contract/cloud/cmk'
import { createKafkaCluster } from '@tributary/control/kafkaClusters/createKafkaCluster'
import { operation } from '../../framework/operation.ts'
import { configOf } from './configOf.ts'
import { renderCluster } from './renderCluster.ts'

export const createCluster = operation({
  id: 'createCmkV2Cluster',
  summary: 'Create a Kafka cluster',
  method: 'POST',
  path: '/cmk/v2/clusters',
  access: { permission: 'kafka-cluster:create' },
  body: CreateCluster,
  reply: { status: 202, body: Cluster },
  subject: ({ body }) => ({ place: { environmentId: body.spec.environment.id } }),
  handle: async ({ body: { spec }, caller }, { installation, publicUrl }) => {
    const cluster = await createKafkaCluster(caller, installation.placement, {
      environmentId: spec.environment.id,
      displayName: spec.display_name,
      availability: spec.availability,
      cloud: spec.cloud,
      region: spec.region,
      ...configOf(spec.config),
      deletionProtection: spec.deletion_protection,
    })
    return renderCluster(publicUrl, cluster)
  },
})

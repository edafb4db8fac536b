import { ClientQuota, CreateClientQuota } from '@tributary/contract/cloud/kafkaQuotas'
import { createClientQuota as create } from '@tributary/control/clientQuotas/createClientQuota'
import { findKafkaCluster } from '@tributary/control/kafkaClusters/findKafkaCluster'
import { placeOfCluster } from '@tributary/control/kafkaClusters/kafkaCluster'
import type { Caller } from '@tributary/control/caller'
import { errors } from '@tributary/domain/errors'
import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import { isAllowed } from '@tributary/domain/roles/isAllowed'
import { operation } from '../../framework/operation.ts'
import { renderClientQuota } from './renderClientQuota.ts'

export const createClientQuota = operation({
  id: 'createKafkaQuotasV1ClientQuota',
  summary: 'Limit how much some principals may use of a Kafka cluster',
  method: 'POST',
  path: '/kafka-quotas/v1/client-quotas',
  access: { permission: 'client-quota:create' },
  body: CreateClientQuota,
  reply: { status: 202, body: ClientQuota },
  target: ({ body: { spec }, caller }) => visibleCluster(caller, spec.cluster.id, spec.environment.id),
  subject: ({ target }) => ({ place: placeOfCluster(target) }),
  handle: async ({ body: { spec }, target, caller }, { publicUrl }) => {
    const quota = await create(caller, {
      clusterId: target.id,
      environmentId: target.environment_id,
      displayName: spec.display_name,
      description: spec.description,
      ingressByteRate: spec.throughput.ingress_byte_rate,
      egressByteRate: spec.throughput.egress_byte_rate,
      principals: spec.principals.map(({ id }) => id),
    })
    return renderClientQuota(publicUrl, quota)
  },
})

/** A cluster that the caller may not see is one that does not exist. */
async function visibleCluster(caller: Caller, id: KafkaClusterId, environmentId: EnvironmentId) {
  const cluster = await findKafkaCluster(caller, id, environmentId)
  if (cluster !== undefined && isAllowed(caller, 'kafka-cluster:describe', { place: placeOfCluster(cluster) })) {
    return cluster
  }
  throw errors.invalid('There is no such Kafka cluster in this environment.', { pointer: '/spec/cluster/id' })
}

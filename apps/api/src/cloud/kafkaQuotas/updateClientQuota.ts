import { ClientQuota, UpdateClientQuota } from '@tributary/contract/cloud/kafkaQuotas'
import { updateClientQuota as update } from '@tributary/control/clientQuotas/updateClientQuota'
import { errors } from '@tributary/domain/errors'
import { operation } from '../../framework/operation.ts'
import { ClientQuotaParams, clientQuotaTarget, subjectOfClientQuota } from './clientQuotaTarget.ts'
import { renderClientQuota } from './renderClientQuota.ts'

export const updateClientQuota = operation({
  id: 'updateKafkaQuotasV1ClientQuota',
  summary: 'Change how much is allowed, or to whom',
  method: 'PATCH',
  path: '/kafka-quotas/v1/client-quotas/{id}',
  access: { permission: 'client-quota:update' },
  params: ClientQuotaParams,
  body: UpdateClientQuota,
  reply: { status: 200, body: ClientQuota },
  target: clientQuotaTarget,
  subject: subjectOfClientQuota,
  handle: async ({ body: { spec }, target, caller }, { publicUrl }) => {
    if ((spec.environment?.id ?? target.environment_id) !== target.environment_id) {
      throw errors.invalid('A client quota stays in the environment of its cluster.', {
        pointer: '/spec/environment/id',
      })
    }
    const { throughput } = spec
    const changed = await update(caller, target, {
      displayName: spec.display_name,
      description: spec.description,
      throughput: throughput && {
        ingressByteRate: throughput.ingress_byte_rate,
        egressByteRate: throughput.egress_byte_rate,
      },
      principals: spec.principals?.map(({ id }) => id),
    })
    return renderClientQuota(publicUrl, changed)
  },
})

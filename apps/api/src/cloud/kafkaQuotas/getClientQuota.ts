import { ClientQuota } from '@tributary/contract/cloud/kafkaQuotas'
import { operation } from '../../framework/operation.ts'
import { ClientQuotaParams, clientQuotaTarget, subjectOfClientQuota } from './clientQuotaTarget.ts'
import { renderClientQuota } from './renderClientQuota.ts'

export const getClientQuota = operation({
  id: 'getKafkaQuotasV1ClientQuota',
  summary: 'Read a client quota',
  method: 'GET',
  path: '/kafka-quotas/v1/client-quotas/{id}',
  access: { permission: 'client-quota:describe' },
  params: ClientQuotaParams,
  reply: { status: 200, body: ClientQuota },
  target: clientQuotaTarget,
  subject: subjectOfClientQuota,
  handle: async ({ target }, { publicUrl }) => renderClientQuota(publicUrl, target),
})

import { deleteClientQuota as remove } from '@tributary/control/clientQuotas/deleteClientQuota'
import { operation } from '../../framework/operation.ts'
import { ClientQuotaParams, clientQuotaTarget, subjectOfClientQuota } from './clientQuotaTarget.ts'

export const deleteClientQuota = operation({
  id: 'deleteKafkaQuotasV1ClientQuota',
  summary: 'Delete a client quota: nobody is held to it any more',
  method: 'DELETE',
  path: '/kafka-quotas/v1/client-quotas/{id}',
  access: { permission: 'client-quota:delete' },
  params: ClientQuotaParams,
  reply: { status: 204 },
  target: clientQuotaTarget,
  subject: subjectOfClientQuota,
  handle: ({ target, caller }) => remove(caller, target),
})

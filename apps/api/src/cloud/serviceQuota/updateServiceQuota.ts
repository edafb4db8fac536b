import { AppliedQuota, UpdateServiceQuota } from '@tributary/contract/cloud/serviceQuotas'
import { QuotaIdText } from '@tributary/contract/text'
import { findServiceQuota } from '@tributary/control/serviceQuotas/findServiceQuota'
import { updateServiceQuota as update } from '@tributary/control/serviceQuotas/updateServiceQuota'
import { placeOfQuota } from '@tributary/control/serviceQuotas/serviceQuota'
import { errors } from '@tributary/domain/errors'
import { z } from 'zod'
import { operation } from '../../framework/operation.ts'
import { renderAppliedQuota } from './renderAppliedQuota.ts'

export const updateServiceQuota = operation({
  id: 'updateTributaryV1ServiceQuota',
  summary: 'Raise or lower the limit of a quota; it holds from the next request on, and takes nothing away',
  method: 'PATCH',
  path: '/tributary/v1/service-quotas/{id}',
  access: { permission: 'service-quota:update' },
  params: z.object({ id: QuotaIdText }),
  body: UpdateServiceQuota,
  reply: { status: 200, body: AppliedQuota },
  target: ({ params, body, caller }) =>
    findServiceQuota(caller, params.id, body, (field, detail) => errors.invalid(detail, { pointer: `/${field}` })),
  subject: ({ target }) => ({ place: placeOfQuota(target) }),
  handle: async ({ body, target, caller }, { publicUrl }) =>
    renderAppliedQuota(publicUrl, await update(caller, target, body.applied_limit)),
})

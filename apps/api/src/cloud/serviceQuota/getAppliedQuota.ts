import { AppliedQuota, QuotaPlace } from '@tributary/contract/cloud/serviceQuotas'
import { QuotaIdText } from '@tributary/contract/text'
import { findServiceQuota } from '@tributary/control/serviceQuotas/findServiceQuota'
import { placeOfQuota } from '@tributary/control/serviceQuotas/serviceQuota'
import { errors } from '@tributary/domain/errors'
import { z } from 'zod'
import { operation } from '../../framework/operation.ts'
import { renderAppliedQuota } from './renderAppliedQuota.ts'

export const getAppliedQuota = operation({
  id: 'getServiceQuotaV1AppliedQuota',
  summary: 'Read a quota of the organization, or of one environment or cluster',
  method: 'GET',
  path: '/service-quota/v1/applied-quotas/{id}',
  access: { permission: 'service-quota:describe' },
  params: z.object({ id: QuotaIdText }),
  query: QuotaPlace,
  reply: { status: 200, body: AppliedQuota },
  target: ({ params, query, caller }) =>
    findServiceQuota(caller, params.id, query, (parameter, detail) => errors.malformed(detail, { parameter })),
  subject: ({ target }) => ({ place: placeOfQuota(target) }),
  handle: async ({ target }, { publicUrl }) => renderAppliedQuota(publicUrl, target),
})

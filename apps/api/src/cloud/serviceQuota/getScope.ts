import { QuotaScope } from '@tributary/contract/cloud/serviceQuotas'
import { QuotaIdText } from '@tributary/contract/text'
import { findQuotaScope } from '@tributary/control/serviceQuotas/quotaScopes'
import { z } from 'zod'
import { operation } from '../../framework/operation.ts'
import { renderScope } from './renderScope.ts'

export const getScope = operation({
  id: 'getServiceQuotaV1Scope',
  summary: 'Read what a scope of quotas is',
  method: 'GET',
  path: '/service-quota/v1/scopes/{id}',
  access: 'self',
  params: z.object({ id: QuotaIdText }),
  reply: { status: 200, body: QuotaScope },
  target: ({ params, caller }) => findQuotaScope(caller, params.id),
  handle: async ({ target }, { publicUrl }) => renderScope(publicUrl, target),
})

import { PageQuery } from '@tributary/contract/cloud/paging'
import { QuotaScopeList } from '@tributary/contract/cloud/serviceQuotas'
import { listQuotaScopes } from '@tributary/control/serviceQuotas/quotaScopes'
import { operation } from '../../framework/operation.ts'
import { renderList } from '../renderList.ts'
import { renderScope } from './renderScope.ts'

const path = '/service-quota/v1/scopes'

export const listScopes = operation({
  id: 'listServiceQuotaV1Scopes',
  summary: 'List what there are quotas of',
  method: 'GET',
  path,
  access: 'self',
  query: PageQuery,
  reply: { status: 200, body: QuotaScopeList },
  handle: async ({ query, page, caller }, { publicUrl }) => {
    const listed = await listQuotaScopes(caller, page)
    const kind = { api_version: 'service-quota/v1', kind: 'ScopeList' } as const
    return renderList({ publicUrl, path, query, page }, kind, listed, renderScope)
  },
})

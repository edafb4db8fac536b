import { AppliedQuotaList, ListAppliedQuotas } from '@tributary/contract/cloud/serviceQuotas'
import { listServiceQuotas } from '@tributary/control/serviceQuotas/listServiceQuotas'
import { operation } from '../../framework/operation.ts'
import { emptyList, renderList } from '../renderList.ts'
import { renderAppliedQuota } from './renderAppliedQuota.ts'

const path = '/service-quota/v1/applied-quotas'

export const listAppliedQuotas = operation({
  id: 'listServiceQuotaV1AppliedQuotas',
  summary: 'List the quotas of a scope, with what is used of each',
  method: 'GET',
  path,
  access: { visible: 'service-quota:describe' },
  query: ListAppliedQuotas,
  reply: { status: 200, body: AppliedQuotaList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) => {
    const { network, identity_provider, certificate_authority } = query
    // There are none of these, so there is no quota of one.
    const none = (network ?? identity_provider ?? certificate_authority) !== undefined
    const filter = {
      scope: query.scope,
      quotaId: query.id,
      environmentId: query.environment,
      clusterId: query.kafka_cluster,
      visible,
    }
    const listed = none ? emptyList : await listServiceQuotas(caller, page, filter)
    const kind = { api_version: 'service-quota/v1', kind: 'AppliedQuotaList' } as const
    return renderList({ publicUrl, path, query, page }, kind, listed, renderAppliedQuota)
  },
})

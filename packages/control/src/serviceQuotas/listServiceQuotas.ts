import type { Page } from '@tributary/contract/cloud/paging'
import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import type { Visibility } from '@tributary/domain/roles/visibleTo'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { serviceQuotas, type ServiceQuota } from './serviceQuota.ts'

export interface ServiceQuotaFilter {
  scope: string
  quotaId: string | undefined
  environmentId: EnvironmentId | undefined
  clusterId: KafkaClusterId | undefined
  visible: Visibility
}

export function listServiceQuotas(
  { organizationId, scope }: Caller,
  page: Page,
  filter: ServiceQuotaFilter,
): Promise<Listed<ServiceQuota>> {
  const { quotaId, environmentId, clusterId, visible } = filter
  const rows = sql`
    SELECT * FROM (${serviceQuotas(organizationId)}) AS quota WHERE scope = ${filter.scope}
      ${quotaId === undefined ? empty : sql`AND quota_id = ${quotaId}`}
      ${environmentId === undefined ? empty : sql`AND environment_id = ${environmentId}`}
      ${clusterId === undefined ? empty : sql`AND cluster_id = ${clusterId}`}
      ${visible === 'all' ? empty : sql`AND (environment_id = ANY(${visible.environments}::text[]) OR cluster_id = ANY(${visible.clusters}::text[]))`}`
  return listPage(scope, rows, page)
}

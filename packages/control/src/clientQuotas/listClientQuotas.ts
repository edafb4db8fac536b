import type { Page } from '@tributary/contract/cloud/paging'
import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import type { Visibility } from '@tributary/domain/roles/visibleTo'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { clientQuotaColumns, type ClientQuota } from './clientQuota.ts'

export interface ClientQuotaFilter {
  clusterId: KafkaClusterId
  environmentId: EnvironmentId
  visible: Visibility
}

export function listClientQuotas(
  { organizationId, scope }: Caller,
  page: Page,
  { clusterId, environmentId, visible }: ClientQuotaFilter,
): Promise<Listed<ClientQuota>> {
  const rows = sql`
    SELECT ${clientQuotaColumns} FROM client_quotas
    JOIN kafka_clusters ON kafka_clusters.id = cluster_id AND kafka_clusters.environment_id = ${environmentId}
    WHERE client_quotas.organization_id = ${organizationId}::uuid AND cluster_id = ${clusterId}
      AND client_quotas.deleted_at IS NULL
      ${visible === 'all' ? empty : sql`AND (environment_id = ANY(${visible.environments}::text[]) OR cluster_id = ANY(${visible.clusters}::text[]))`}`
  return listPage(scope, rows, page)
}

import type { Page } from '@tributary/contract/cloud/paging'
import type { EnvironmentId } from '@tributary/domain/ids'
import type { Visibility } from '@tributary/domain/roles/visibleTo'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { kafkaClusterColumns, type KafkaCluster } from './kafkaCluster.ts'

export interface KafkaClusterFilter {
  environmentId: EnvironmentId
  deletionProtection: boolean | undefined
  visible: Visibility
}

export function listKafkaClusters(
  { organizationId, scope }: Caller,
  page: Page,
  { environmentId, deletionProtection, visible }: KafkaClusterFilter,
): Promise<Listed<KafkaCluster>> {
  const rows = sql`
    SELECT ${kafkaClusterColumns} FROM kafka_clusters
    WHERE organization_id = ${organizationId}::uuid AND environment_id = ${environmentId} AND deleted_at IS NULL
      ${deletionProtection === undefined ? empty : sql`AND deletion_protection = ${deletionProtection}`}
      ${visible === 'all' ? empty : sql`AND (environment_id = ANY(${visible.environments}::text[]) OR id = ANY(${visible.clusters}::text[]))`}`
  return listPage(scope, rows, page)
}

import type { Place } from '@tributary/domain/roles/place'
import sql, { empty, type Sql } from 'sql-template-tag'

/** The clusters that a role binding concerns: (id, organization_id), in the order in which everyone locks their access. */
export const clustersIn = (organizationId: string, { environmentId, clusterId }: Place): Sql => sql`
  SELECT id, organization_id FROM kafka_clusters
  WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL
    ${environmentId === undefined ? empty : sql`AND environment_id = ${environmentId}`}
    ${clusterId === undefined ? empty : sql`AND id = ${clusterId}`}
  ORDER BY id`

import type { EnvironmentId, KafkaClusterId, OrganizationId } from '@tributary/domain/ids'
import type { Place } from '@tributary/domain/roles/place'
import sql, { type Sql } from 'sql-template-tag'
import type { Versioned } from '../versions.ts'

/** A quota as it applies to one organization, environment or cluster. */
export interface ServiceQuota extends Versioned {
  /** Where it stands in lists: quota and scope in one text. */
  id: string
  quota_id: string
  organization_id: OrganizationId
  scope: QuotaScopeName
  environment_id: EnvironmentId | null
  cluster_id: KafkaClusterId | null
  display_name: string
  default_limit: number
  applied_limit: number
  used: number
}

export type QuotaScopeName = 'ORGANIZATION' | 'ENVIRONMENT' | 'KAFKA_CLUSTER'

export const placeOfQuota = ({ environment_id, cluster_id }: ServiceQuota): Place => ({
  ...(environment_id === null ? {} : { environmentId: environment_id }),
  ...(cluster_id === null ? {} : { clusterId: cluster_id }),
})

/** Every quota of everything that an organization has, whether or not anything was counted yet. */
export const serviceQuotas = (organizationId: string): Sql => sql`
  SELECT definition.id || '.' || place.id AS id, definition.id AS quota_id,
         ${organizationId}::uuid AS organization_id, definition.scope, place.environment_id, place.cluster_id,
         definition.display_name, definition.default_limit,
         coalesce(applied.applied_limit, definition.default_limit) AS applied_limit, coalesce(applied.used, 0) AS used,
         coalesce(applied.version, 0) AS version
  FROM service_quotas AS definition
  JOIN (
    SELECT 'ORGANIZATION' AS scope, ${organizationId}::text AS id, NULL AS environment_id, NULL AS cluster_id
    UNION ALL
    SELECT 'ENVIRONMENT', id, id, NULL FROM environments
    WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL
    UNION ALL
    SELECT 'KAFKA_CLUSTER', id, environment_id, id FROM kafka_clusters
    WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL
  ) AS place ON place.scope = definition.scope
  LEFT JOIN applied_service_quotas AS applied ON applied.organization_id = ${organizationId}::uuid
    AND applied.quota_id = definition.id AND applied.scope_id = place.id`

import type { EnvironmentId, KafkaClusterId, OrganizationId } from '@tributary/domain/ids'
import { raw } from 'sql-template-tag'
import type { Versioned } from '../versions.ts'

/** How much some principals may use of a cluster. */
export interface ClientQuota extends Versioned {
  id: string
  organization_id: OrganizationId
  cluster_id: KafkaClusterId
  environment_id: EnvironmentId
  display_name: string
  description: string
  /** Bytes per second, for the whole cluster. */
  ingress_byte_rate: bigint
  egress_byte_rate: bigint
  /** In the order in which they were named. */
  principals: string[]
  created_at: Date
  updated_at: Date
}

export const clientQuotaColumns = raw(
  `client_quotas.id, client_quotas.organization_id, client_quotas.cluster_id, client_quotas.display_name,
   client_quotas.description, client_quotas.ingress_byte_rate, client_quotas.egress_byte_rate,
   client_quotas.created_at, client_quotas.updated_at, client_quotas.version,
   (SELECT environment_id FROM kafka_clusters WHERE kafka_clusters.id = client_quotas.cluster_id) AS environment_id,
   (SELECT array_agg(principal ORDER BY position) FROM client_quota_principals WHERE client_quota_id = client_quotas.id) AS principals`,
)

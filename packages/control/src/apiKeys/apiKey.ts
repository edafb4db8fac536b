import type { ApiKeyId, EnvironmentId, KafkaClusterId, OrganizationId, PrincipalId } from '@tributary/domain/ids'
import { raw } from 'sql-template-tag'
import type { Versioned } from '../versions.ts'

export interface ApiKey extends Versioned {
  id: ApiKeyId
  organization_id: OrganizationId
  owner_id: PrincipalId
  /** Null for a Cloud API key. */
  resource_id: KafkaClusterId | null
  /** Of the cluster that the key is for. */
  environment_id: EnvironmentId | null
  display_name: string
  description: string
  /** Null for a key that does not expire. */
  expires_at: Date | null
  /** About when; null for a key that was never used. */
  last_used_at: Date | null
  created_at: Date
  updated_at: Date
}

export const apiKeyColumns = raw(
  `api_keys.id, api_keys.organization_id, api_keys.owner_id, api_keys.resource_id, api_keys.display_name,
   api_keys.description, api_keys.expires_at, api_keys.last_used_at, api_keys.created_at, api_keys.updated_at,
   api_keys.version,
   (SELECT environment_id FROM kafka_clusters WHERE kafka_clusters.id = api_keys.resource_id) AS environment_id`,
)

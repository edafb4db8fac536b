import type { Page } from '@tributary/contract/cloud/paging'
import type { Visibility, VisiblePart } from '@tributary/domain/roles/visibleTo'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { apiKeyColumns, type ApiKey } from './apiKey.ts'

export interface ApiKeyFilter {
  ownerId: string | undefined
  visible: Visibility
  /** The id of a cluster, or `cloud` for Cloud API keys. */
  resourceId: string | undefined
}

export function listApiKeys(
  { organizationId, scope }: Caller,
  page: Page,
  { ownerId, visible, resourceId }: ApiKeyFilter,
): Promise<Listed<ApiKey>> {
  const ofResource = resourceId === 'cloud' ? sql`AND resource_id IS NULL` : sql`AND resource_id = ${resourceId}`
  const rows = sql`
    SELECT ${apiKeyColumns} FROM api_keys
    WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL
      ${ownerId === undefined ? empty : sql`AND owner_id = ${ownerId}`}
      ${visible === 'all' ? empty : isVisible(visible)}
      ${resourceId === undefined ? empty : ofResource}`
  return listPage(scope, rows, page)
}

const isVisible = ({ ownedBy, environments, clusters }: VisiblePart) => sql`
  AND (owner_id = ${ownedBy} OR resource_id = ANY(${clusters}::text[]) OR resource_id IN (
    SELECT id FROM kafka_clusters WHERE environment_id = ANY(${environments}::text[])))`

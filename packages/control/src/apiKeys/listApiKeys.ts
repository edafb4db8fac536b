import type { Page } from '@tributary/contract/cloud/paging'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { apiKeyColumns, type ApiKey } from './apiKey.ts'

export interface ApiKeyFilter {
  ownerId: string | undefined
  /** Only what this principal owns, whatever the filter says. */
  visibleTo: string | undefined
  /** The id of a cluster, or `cloud` for Cloud API keys. */
  resourceId: string | undefined
}

export function listApiKeys(
  { organizationId, scope }: Caller,
  page: Page,
  { ownerId, visibleTo, resourceId }: ApiKeyFilter,
): Promise<Listed<ApiKey>> {
  const ofResource = resourceId === 'cloud' ? sql`AND resource_id IS NULL` : sql`AND resource_id = ${resourceId}`
  const rows = sql`
    SELECT ${apiKeyColumns} FROM api_keys
    WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL
      ${ownerId === undefined ? empty : sql`AND owner_id = ${ownerId}`}
      ${visibleTo === undefined ? empty : sql`AND owner_id = ${visibleTo}`}
      ${resourceId === undefined ? empty : ofResource}`
  return listPage(scope, rows, page)
}

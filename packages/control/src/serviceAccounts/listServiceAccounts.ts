import type { Page } from '@tributary/contract/cloud/paging'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { serviceAccountColumns, type ServiceAccount } from './serviceAccount.ts'

export interface ServiceAccountFilter {
  /** Only this one. */
  id: string | undefined
  /** Any of these names, exactly; none of them is no filter. */
  displayNames: readonly string[]
}

export function listServiceAccounts(
  { organizationId, scope }: Caller,
  page: Page,
  { id, displayNames }: ServiceAccountFilter,
): Promise<Listed<ServiceAccount>> {
  const rows = sql`
    SELECT ${serviceAccountColumns} FROM service_accounts
    WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL
      ${id === undefined ? empty : sql`AND id = ${id}`}
      ${displayNames.length === 0 ? empty : sql`AND display_name = ANY(${displayNames}::text[])`}`
  return listPage(scope, rows, page)
}

import type { Page } from '@tributary/contract/cloud/paging'
import sql, { type Sql } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'

export interface QuotaScope {
  id: string
  organization_id: string
}

/** What there are quotas of. */
export function listQuotaScopes({ organizationId, scope }: Caller, page: Page): Promise<Listed<QuotaScope>> {
  return listPage(scope, quotaScopes(organizationId), page)
}

export async function findQuotaScope({ organizationId, scope }: Caller, id: string): Promise<QuotaScope | undefined> {
  const [found] = await scope.query<QuotaScope>(
    sql`SELECT * FROM (${quotaScopes(organizationId)}) AS scope WHERE id = ${id.toUpperCase()}`,
  )
  return found
}

const quotaScopes = (organizationId: string): Sql =>
  sql`SELECT DISTINCT scope AS id, ${organizationId}::uuid AS organization_id FROM service_quotas`

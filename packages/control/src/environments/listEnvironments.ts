import type { Page } from '@tributary/contract/cloud/paging'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { environmentColumns, type Environment } from './environment.ts'

export function listEnvironments({ organizationId, scope }: Caller, page: Page): Promise<Listed<Environment>> {
  const rows = sql`
    SELECT ${environmentColumns} FROM environments WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL`
  return listPage(scope, rows, page)
}

import type { Page } from '@tributary/contract/cloud/paging'
import type { Visibility } from '@tributary/domain/roles/visibleTo'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { environmentColumns, type Environment } from './environment.ts'

export function listEnvironments(
  { organizationId, scope }: Caller,
  page: Page,
  visible: Visibility,
): Promise<Listed<Environment>> {
  const rows = sql`
    SELECT ${environmentColumns} FROM environments WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL
      ${visible === 'all' ? empty : sql`AND id = ANY(${visible.environments}::text[])`}`
  return listPage(scope, rows, page)
}

import type { Page } from '@tributary/contract/cloud/paging'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { userColumns, type User } from './user.ts'

/** The users of the caller's organization; only the one of that id, where it is given. */
export function listUsers(
  { organizationId, scope }: Caller,
  page: Page,
  id: string | undefined,
): Promise<Listed<User>> {
  const rows = sql`
    SELECT ${userColumns} FROM users
    WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL ${id === undefined ? empty : sql`AND id = ${id}`}`
  return listPage(scope, rows, page)
}

import type { UserId } from '@tributary/domain/ids'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { userColumns, type User } from './user.ts'

export async function findUser({ organizationId, scope }: Caller, id: UserId): Promise<User | undefined> {
  return scope.find<User>(sql`
    SELECT ${userColumns} FROM users
    WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL`)
}

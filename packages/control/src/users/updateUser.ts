import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { userColumns, type User } from './user.ts'
import { asRead, changed } from '../versions.ts'

export async function updateUser(
  caller: Caller,
  { id }: User,
  { fullName }: { fullName: string | undefined },
): Promise<User> {
  const change = sql`
    UPDATE users SET full_name = coalesce(${fullName ?? null}::text, full_name), ${changed}
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)}
    RETURNING ${userColumns}`
  const [user] = await commit<User>(caller, { change })
  if (user === undefined) throw errors.notFound()
  return user
}

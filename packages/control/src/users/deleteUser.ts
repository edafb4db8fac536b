import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import { lockAccessOf, withoutAccess } from '../apiKeys/withoutAccess.ts'
import type { Caller } from '../caller.ts'
import type { User } from './user.ts'
import { asRead } from '../versions.ts'

/**
 * The user goes, and with it all that it could do. Someone must be left who administers the organization:
 * deletions of its users take turns, or two administrators could remove each other at once.
 */
export async function deleteUser(caller: Caller, { id }: User): Promise<void> {
  const { organizationId } = caller
  await caller.scope.transaction(async (scope) => {
    await scope.query(sql`SELECT 1 FROM organizations WHERE id = ${organizationId}::uuid FOR NO KEY UPDATE`)
    const [locked] = await scope.query(sql`
      SELECT 1 FROM users WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)}
      FOR UPDATE`)
    if (locked === undefined) throw errors.notFound()
    const administrators = await scope.query<{ id: string }>(sql`
      SELECT DISTINCT users.id FROM users
      JOIN role_bindings AS binding ON binding.organization_id = users.organization_id
        AND binding.principal = 'User:' || users.id AND binding.deleted_at IS NULL
      WHERE users.organization_id = ${organizationId}::uuid AND users.deleted_at IS NULL
        AND binding.role_name = 'OrganizationAdmin'
      LIMIT 2`)
    if (administrators.length === 1 && administrators[0]?.id === id) throw errors.lastAdministrator()
    await lockAccessOf(scope, id)
    const change = sql`
      UPDATE users SET deleted_at = now(), updated_at = now()
      WHERE organization_id = ${organizationId}::uuid AND id = ${id}
      RETURNING id, organization_id`
    await commit({ ...caller, scope }, { change, ...withoutAccess(organizationId, id) })
  })
}

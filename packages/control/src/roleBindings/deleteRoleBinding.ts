import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import { bindingRevision, changedAccess, clustersIn, lockEnvironments } from '../access/changedAccess.ts'
import type { Caller } from '../caller.ts'
import { placeOf } from './placeOf.ts'
import type { RoleBinding } from './roleBinding.ts'
import { asRead } from '../versions.ts'

/**
 * Takes a role back. Somebody must be left who administers the organization: whoever takes that role from a user
 * takes turns with those who delete users.
 */
export async function deleteRoleBinding(caller: Caller, binding: RoleBinding): Promise<void> {
  const { organizationId } = caller
  await caller.scope.transaction(async (scope) => {
    if (binding.role_name === 'OrganizationAdmin') {
      await scope.query(sql`SELECT 1 FROM organizations WHERE id = ${organizationId}::uuid FOR NO KEY UPDATE`)
      const others = await scope.query(sql`
        SELECT 1 FROM role_bindings AS other
        JOIN users ON users.organization_id = other.organization_id AND 'User:' || users.id = other.principal
        WHERE other.organization_id = ${organizationId}::uuid AND other.role_name = 'OrganizationAdmin'
          AND other.deleted_at IS NULL AND users.deleted_at IS NULL AND other.id <> ${binding.id} LIMIT 1`)
      if (others.length === 0) throw errors.lastAdministrator()
    }
    const place = placeOf(binding)
    if (place.clusterId === undefined) await lockEnvironments(scope, [place])
    const ended = sql`
      SELECT id FROM role_bindings
      WHERE organization_id = ${organizationId}::uuid AND id = ${binding.id} AND deleted_at IS NULL ${asRead(caller)} FOR UPDATE`
    const concerned = sql`
      SELECT * FROM (${clustersIn(organizationId, place)}) AS concerned WHERE EXISTS (SELECT 1 FROM ended)`
    const change = sql`
      UPDATE role_bindings SET deleted_at = now(), updated_at = now(), revision = ${bindingRevision}
      FROM ended WHERE role_bindings.id = ended.id
      RETURNING role_bindings.id, role_bindings.organization_id`
    const [deleted] = await commit({ ...caller, scope }, { ended, ...changedAccess(concerned), change })
    if (deleted === undefined) throw errors.notFound()
  })
}

import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { accessKind } from '../kafkaClusters/kafkaCluster.ts'
import { clustersIn } from './clustersIn.ts'
import { placeOf } from './placeOf.ts'
import type { RoleBinding } from './roleBinding.ts'

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
    const change = sql`
      UPDATE role_bindings SET deleted_at = now(), updated_at = now()
      WHERE organization_id = ${organizationId}::uuid AND id = ${binding.id} AND deleted_at IS NULL
      RETURNING id, organization_id`
    const concerned = sql`
      SELECT * FROM (${clustersIn(organizationId, placeOf(binding))}) AS concerned WHERE EXISTS (SELECT 1 FROM change)`
    const [deleted] = await commit({ ...caller, scope }, { change, desired: desire([accessKind], concerned) })
    if (deleted === undefined) throw errors.notFound()
  })
}

import type { RoleBindingId } from '@tributary/domain/ids'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { roleBindingColumns, type RoleBinding } from './roleBinding.ts'

export async function findRoleBinding(
  { organizationId, scope }: Caller,
  id: RoleBindingId,
): Promise<RoleBinding | undefined> {
  return scope.find<RoleBinding>(sql`
    SELECT ${roleBindingColumns} FROM role_bindings
    WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL`)
}

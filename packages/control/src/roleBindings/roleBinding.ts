import type { OrganizationId, RoleBindingId } from '@tributary/domain/ids'
import type { RoleName } from '@tributary/domain/roles/roles'
import { raw } from 'sql-template-tag'
import type { Versioned } from '../versions.ts'

export interface RoleBinding extends Versioned {
  id: RoleBindingId
  organization_id: OrganizationId
  /** `User:` and the id of a user or service account. */
  principal: string
  role_name: RoleName
  /** As it was sent. */
  crn_pattern: string
  created_at: Date
  updated_at: Date
}

export const roleBindingColumns = raw(
  'id, organization_id, principal, role_name, crn_pattern, created_at, updated_at, version',
)

import type { OrganizationId, UserId } from '@tributary/domain/ids'
import { raw } from 'sql-template-tag'
import type { Versioned } from '../versions.ts'

export interface User extends Versioned {
  id: UserId
  organization_id: OrganizationId
  email: string
  full_name: string
  created_at: Date
  updated_at: Date
}

export const userColumns = raw('id, organization_id, email, full_name, created_at, updated_at, version')

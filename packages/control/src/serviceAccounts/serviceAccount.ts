import type { OrganizationId, ServiceAccountId } from '@tributary/domain/ids'
import { raw } from 'sql-template-tag'
import type { Versioned } from '../versions.ts'

export interface ServiceAccount extends Versioned {
  id: ServiceAccountId
  organization_id: OrganizationId
  display_name: string
  description: string
  created_at: Date
  updated_at: Date
}

export const serviceAccountColumns = raw(
  'id, organization_id, display_name, description, created_at, updated_at, version',
)

import type { EnvironmentId, OrganizationId } from '@tributary/domain/ids'
import { raw } from 'sql-template-tag'
import type { Versioned } from '../versions.ts'

export interface Environment extends Versioned {
  id: EnvironmentId
  organization_id: OrganizationId
  display_name: string
  created_at: Date
  updated_at: Date
}

export const environmentColumns = raw('id, organization_id, display_name, created_at, updated_at, version')

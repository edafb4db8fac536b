import type { OrganizationId } from '@tributary/domain/ids'
import { raw } from 'sql-template-tag'
import type { Versioned } from '../versions.ts'

export interface Organization extends Versioned {
  id: OrganizationId
  /** Its own: an organization is of itself. */
  organization_id: OrganizationId
  display_name: string
  jit_enabled: boolean
  created_at: Date
  updated_at: Date
}

export const organizationColumns = raw(
  `id::text AS id, id AS organization_id, display_name, jit_enabled, created_at, updated_at, version`,
)

import type { Page } from '@tributary/contract/cloud/paging'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { listPage, type Listed } from '../listing.ts'
import { organizationColumns, type Organization } from './organization.ts'

/** A caller belongs to one organization and sees no other. */
export const listOrganizations = ({ organizationId, scope }: Caller, page: Page): Promise<Listed<Organization>> =>
  listPage(scope, sql`SELECT ${organizationColumns} FROM organizations WHERE id = ${organizationId}::uuid`, page)

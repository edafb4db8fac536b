import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { organizationColumns, type Organization } from './organization.ts'

export async function findOrganization(
  { organizationId, scope }: Caller,
  id: string,
): Promise<Organization | undefined> {
  return scope.find<Organization>(sql`
    SELECT ${organizationColumns} FROM organizations WHERE id = ${organizationId}::uuid AND id = ${id}::uuid`)
}

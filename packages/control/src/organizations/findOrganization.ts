import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { organizationColumns, type Organization } from './organization.ts'

export async function findOrganization(
  { organizationId, scope }: Caller,
  id: string,
): Promise<Organization | undefined> {
  const [organization] = await scope.query<Organization>(sql`
    SELECT ${organizationColumns} FROM organizations WHERE id = ${organizationId}::uuid AND id = ${id}::uuid`)
  return organization
}

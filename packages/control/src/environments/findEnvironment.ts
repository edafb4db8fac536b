import type { EnvironmentId } from '@tributary/domain/ids'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { environmentColumns, type Environment } from './environment.ts'

export async function findEnvironment(
  { organizationId, scope }: Caller,
  id: EnvironmentId,
): Promise<Environment | undefined> {
  return scope.find<Environment>(sql`
    SELECT ${environmentColumns} FROM environments
    WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL`)
}

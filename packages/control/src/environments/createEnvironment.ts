import { commit } from '@tributary/database/commit'
import { newId } from '@tributary/domain/ids'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { uniquelyNamed } from '../uniqueNames.ts'
import { environmentColumns, type Environment } from './environment.ts'

export async function createEnvironment(caller: Caller, displayName: string): Promise<Environment> {
  const change = sql`
    INSERT INTO environments (id, organization_id, display_name)
    VALUES (${newId.environment()}, ${caller.organizationId}::uuid, ${displayName})
    RETURNING ${environmentColumns}`
  const [environment] = await uniquelyNamed(displayName, commit<Environment>(caller, { change }))
  if (environment === undefined) throw new Error('an inserted environment was not returned')
  return environment
}

import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { uniquelyNamed } from '../uniqueNames.ts'
import { environmentColumns, type Environment } from './environment.ts'
import { asRead, changed } from '../versions.ts'

export async function updateEnvironment(
  caller: Caller,
  { id }: Environment,
  { displayName }: { displayName: string | undefined },
): Promise<Environment> {
  const change = sql`
    UPDATE environments SET display_name = coalesce(${displayName ?? null}::text, display_name), ${changed}
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)}
    RETURNING ${environmentColumns}`
  const [environment] = await uniquelyNamed(displayName, commit<Environment>(caller, { change }))
  if (environment === undefined) throw errors.notFound()
  return environment
}

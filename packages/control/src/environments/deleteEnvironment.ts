import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { Environment } from './environment.ts'
import { asRead } from '../versions.ts'

/**
 * Only an empty environment goes. Whoever creates a cluster holds a share of the environment's row: the
 * lock waits for it, and the statement after the lock sees its cluster.
 */
export async function deleteEnvironment(caller: Caller, { id }: Environment): Promise<void> {
  await caller.scope.transaction(async (scope) => {
    const [locked] = await scope.query(sql`
      SELECT 1 FROM environments
      WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)} FOR UPDATE`)
    if (locked === undefined) throw errors.notFound()
    const change = sql`
      UPDATE environments SET deleted_at = now(), updated_at = now()
      WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND NOT EXISTS (
        SELECT 1 FROM kafka_clusters
        WHERE organization_id = ${caller.organizationId}::uuid AND environment_id = ${id} AND deleted_at IS NULL)
      RETURNING id, organization_id`
    const bindings = sql`
      UPDATE role_bindings SET deleted_at = now(), updated_at = now()
      WHERE organization_id = ${caller.organizationId}::uuid AND environment_id = ${id} AND deleted_at IS NULL
        AND EXISTS (SELECT 1 FROM change)`
    const [deleted] = await commit({ ...caller, scope }, { change, bindings })
    if (deleted === undefined) throw errors.environmentNotEmpty()
  })
}

import type { Condition } from '@tributary/engine/conditions'
import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import type { Place } from '@tributary/domain/roles/place'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'

export interface Reconciliation {
  kind: string
  generation: bigint
  observed_generation: bigint
  failures: number
  next_check_at: Date | null
  conditions: Condition[]
}

export interface ReconciledResource {
  id: string
  place: Place
  reconciliations: Reconciliation[]
}

/** How far each part of a resource is. What is deleted and done has no parts, but still its past steps. */
export async function findReconciliations(
  { organizationId, scope }: Pick<Caller, 'organizationId' | 'scope'>,
  id: string,
): Promise<ReconciledResource | undefined> {
  const rows = await scope.query<Reconciliation>(sql`
    SELECT kind, generation, observed_generation, failures, next_check_at, conditions
    FROM resources WHERE organization_id = ${organizationId}::uuid AND id = ${id} ORDER BY kind`)
  if (rows.length === 0 && !(await hasPast(scope, organizationId, id))) return undefined
  return { id, place: await placeOf(scope, organizationId, id), reconciliations: rows }
}

/** Where the resource is, also when it was deleted. */
async function placeOf(scope: Caller['scope'], organizationId: string, id: string): Promise<Place> {
  const [cluster] = await scope.query<{ environmentId: EnvironmentId; clusterId: KafkaClusterId }>(sql`
    SELECT environment_id AS "environmentId", id AS "clusterId" FROM kafka_clusters
    WHERE organization_id = ${organizationId}::uuid AND id = ${id}`)
  return cluster ?? {}
}

async function hasPast(scope: Caller['scope'], organizationId: string, id: string): Promise<boolean> {
  const past = await scope.query(
    sql`SELECT 1 FROM steps WHERE organization_id = ${organizationId}::uuid AND resource_id = ${id} LIMIT 1`,
  )
  return past.length > 0
}

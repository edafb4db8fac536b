import type { Condition } from '@tributary/engine/conditions'
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
  return { id, reconciliations: rows }
}

async function hasPast(scope: Caller['scope'], organizationId: string, id: string): Promise<boolean> {
  const past = await scope.query(
    sql`SELECT 1 FROM steps WHERE organization_id = ${organizationId}::uuid AND resource_id = ${id} LIMIT 1`,
  )
  return past.length > 0
}

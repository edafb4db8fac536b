import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'

export interface Step {
  sequence: bigint
  kind: string
  name: string
  generation: bigint
  status: 'RUNNING' | 'COMPLETED' | 'FAILED'
  attempts: number
  started_at: Date
  finished_at: Date | null
  progress: Record<string, unknown> | null
  error: { reason: string; message: string } | null
}

/**
 * The steps of a resource, newest first, `limit` of them, older than `before` where it is given. What
 * they say of a failure was made by the engine for tenants to read.
 */
export function listSteps(
  { organizationId, scope }: Pick<Caller, 'organizationId' | 'scope'>,
  resourceId: string,
  { limit, before }: { limit: number; before: bigint | undefined },
): Promise<Step[]> {
  return scope.query<Step>(sql`
    SELECT sequence, kind, name, generation, status, attempts, started_at, finished_at, progress, error
    FROM steps
    WHERE organization_id = ${organizationId}::uuid AND resource_id = ${resourceId}
      AND sequence < ${before ?? newest}
    ORDER BY sequence DESC LIMIT ${limit}`)
}

const newest = 2n ** 63n - 1n

import sql, { join, raw, type Sql } from 'sql-template-tag'
import type { Scope } from './database.ts'

/** Who changes something, through which operation: what the audit row says. */
export interface Author {
  principalId: string
  operation: string
  requestId: string
  scope: Scope
}

/**
 * One statement commits a change whole: the rows of `parts`, in their order, the outbox rows of what
 * must be reconciled, and the audit rows. `change` must return `id` and `organization_id` (and is
 * what the caller gets back); `desired`, where there is one, `kind` and `id` of resources.
 */
export function commit<Row>(
  { principalId, operation, requestId, scope }: Author,
  parts: { change: Sql } & Record<string, Sql>,
): Promise<Row[]> {
  const named = Object.entries(parts).map(([name, part]) => sql`${raw(name)} AS (${part})`)
  const rung = sql`rung AS (INSERT INTO outbox (kind, resource_id) SELECT kind, id FROM desired)`
  const audited = sql`audited AS (
    INSERT INTO audit_events (organization_id, request_id, principal, operation, resource_id)
    SELECT organization_id, ${requestId}, ${principalId}, ${operation}, id FROM change)`
  const ctes = 'desired' in parts ? [...named, rung, audited] : [...named, audited]
  return scope.query<Row>(sql`WITH ${join(ctes, ', ')} SELECT * FROM change`)
}

/**
 * The `desired` part: gives each (id, organization_id) of `source` a new generation in every one of
 * `kinds`, due at once.
 */
export function desire(kinds: readonly string[], source: Sql): Sql {
  return sql`
    INSERT INTO resources AS resource (kind, id, organization_id)
    SELECT kind, source.id, source.organization_id FROM (${source}) AS source CROSS JOIN unnest(${kinds}::text[]) AS kind
    ON CONFLICT (kind, id) DO UPDATE
      SET generation = resource.generation + 1, next_check_at = now(), failures = 0
    RETURNING kind, id, organization_id, generation`
}

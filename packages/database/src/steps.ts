import sql, { type Sql } from 'sql-template-tag'
import type { Database } from './database.ts'
import { LeaseLost, type Lease } from './lease.ts'

/**
 * What reconcilers did, for people to follow. A step that is tried again, or looked at again while
 * it takes its time, stays one row; the step after it shows that it is over.
 */
export class Steps {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Throws LeaseLost when another holds the lease. */
  async begin({ kind, id, organizationId, generation, token }: Lease, name: string): Promise<bigint> {
    const [row] = await this.#database.query<{ sequence: bigint }>(sql`
      WITH held AS (
        SELECT 1 FROM resources
        WHERE kind = ${kind} AND id = ${id} AND lease_token = ${token} AND lease_expires_at > now()),
      latest AS (
        SELECT sequence, name, status, generation FROM steps
        WHERE organization_id = ${organizationId}::uuid AND resource_id = ${id} AND kind = ${kind} AND EXISTS (SELECT 1 FROM held)
        ORDER BY sequence DESC LIMIT 1),
      continued AS (
        UPDATE steps SET attempts = attempts + 1, status = 'RUNNING', finished_at = NULL FROM latest
        WHERE steps.sequence = latest.sequence AND latest.name = ${name}
          AND latest.status <> 'COMPLETED' AND latest.generation = ${generation}
        RETURNING steps.sequence),
      passed AS (
        UPDATE steps SET status = 'COMPLETED', finished_at = now() FROM latest
        WHERE steps.sequence = latest.sequence AND steps.status = 'RUNNING' AND NOT EXISTS (SELECT 1 FROM continued)),
      begun AS (
        INSERT INTO steps (kind, resource_id, organization_id, generation, name, status)
        SELECT ${kind}, ${id}, ${organizationId}::uuid, ${generation}, ${name}, 'RUNNING'
        WHERE NOT EXISTS (SELECT 1 FROM continued) AND EXISTS (SELECT 1 FROM held)
        RETURNING sequence)
      SELECT sequence FROM continued UNION ALL SELECT sequence FROM begun`)
    if (row === undefined) throw new LeaseLost(kind, id)
    return row.sequence
  }

  complete(lease: Lease, sequence: bigint): Promise<void> {
    return this.#finish(lease, sequence, sql`status = 'COMPLETED', error = NULL`)
  }

  fail(lease: Lease, sequence: bigint, error: { reason: string; message: string }): Promise<void> {
    return this.#finish(lease, sequence, sql`status = 'FAILED', error = ${JSON.stringify(error)}::jsonb`)
  }

  async #finish({ kind, id, token }: Lease, sequence: bigint, result: Sql): Promise<void> {
    await this.#database.query(sql`
      UPDATE steps SET finished_at = now(), ${result}
      WHERE sequence = ${sequence}
        AND EXISTS (SELECT 1 FROM resources WHERE kind = ${kind} AND id = ${id} AND lease_token = ${token})`)
  }
}

/** The statement that ends the latest step, the only one that can be on its way still, where `held` has a row. */
export const finishWaiting = ({ kind, id, organizationId }: Lease, held: Sql) => sql`
  UPDATE steps SET status = 'COMPLETED', finished_at = now()
  FROM (SELECT sequence FROM steps
        WHERE organization_id = ${organizationId}::uuid AND resource_id = ${id} AND kind = ${kind}
        ORDER BY sequence DESC LIMIT 1) AS latest
  WHERE steps.sequence = latest.sequence AND steps.status = 'RUNNING' AND EXISTS (SELECT 1 FROM ${held})`

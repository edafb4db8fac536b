import sql from 'sql-template-tag'
import type { Database } from './database.ts'
import type { Lease } from './resources.ts'

/**
 * What reconcilers did, for people to follow. A step that is tried again, or looked at again while
 * it takes its time, stays one row; the step after it shows that it is over.
 */
export class Steps {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async begin({ kind, id, organizationId, generation }: Lease, name: string): Promise<bigint> {
    const [row] = await this.#database.query<{ sequence: bigint }>(sql`
      WITH latest AS (
        SELECT sequence, name, status, generation FROM steps
        WHERE organization_id = ${organizationId}::uuid AND resource_id = ${id} AND kind = ${kind}
        ORDER BY sequence DESC LIMIT 1),
      continued AS (
        UPDATE steps SET attempts = attempts + 1 FROM latest
        WHERE steps.sequence = latest.sequence AND latest.name = ${name}
          AND latest.status <> 'COMPLETED' AND latest.generation = ${generation}
        RETURNING steps.sequence),
      passed AS (
        UPDATE steps SET status = 'COMPLETED', finished_at = now() FROM latest
        WHERE steps.sequence = latest.sequence AND steps.status = 'RUNNING' AND NOT EXISTS (SELECT 1 FROM continued)),
      begun AS (
        INSERT INTO steps (kind, resource_id, organization_id, generation, name, status)
        SELECT ${kind}, ${id}, ${organizationId}::uuid, ${generation}, ${name}, 'RUNNING'
        WHERE NOT EXISTS (SELECT 1 FROM continued)
        RETURNING sequence)
      SELECT sequence FROM continued UNION ALL SELECT sequence FROM begun`)
    if (row === undefined) throw new Error(`no row for step ${name} of ${id}`)
    return row.sequence
  }

  async complete(sequence: bigint): Promise<void> {
    await this.#database.query(
      sql`UPDATE steps SET status = 'COMPLETED', finished_at = now(), error = NULL WHERE sequence = ${sequence}`,
    )
  }

  async fail(sequence: bigint, error: { reason: string; message: string }): Promise<void> {
    await this.#database.query(
      sql`UPDATE steps SET status = 'FAILED', finished_at = now(), error = ${JSON.stringify(error)}::jsonb WHERE sequence = ${sequence}`,
    )
  }
}

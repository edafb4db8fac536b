import sql, { type Sql } from 'sql-template-tag'
import type { Database } from './database.ts'

/** Rows for each statement: it holds its locks for milliseconds, whatever has piled up. */
const batch = 1000

/**
 * Each deletes what nobody asks for any more: finished steps after 30 days, idempotent answers after the 24 hours that
 * they are promised for, and Cloud API keys that have expired; a cluster's end with its access. Returns how many rows
 * went.
 */
export const prunings = {
  steps: (database: Database) =>
    deleteInBatches(
      database,
      sql`
        DELETE FROM steps WHERE sequence IN (
          SELECT sequence FROM steps WHERE started_at < now() - interval '30 days' AND status <> 'RUNNING'
          ORDER BY started_at LIMIT ${batch} FOR UPDATE SKIP LOCKED)
        RETURNING 1`,
    ),
  answers: (database: Database) =>
    deleteInBatches(
      database,
      sql`
        DELETE FROM idempotency_records WHERE ctid = ANY(ARRAY(
          SELECT ctid FROM idempotency_records WHERE created_at < now() - interval '24 hours'
          ORDER BY created_at LIMIT ${batch} FOR UPDATE SKIP LOCKED))
        RETURNING 1`,
    ),
  keys: (database: Database) =>
    deleteInBatches(
      database,
      sql`
        UPDATE api_keys SET deleted_at = now(), updated_at = now() WHERE id IN (
          SELECT id FROM api_keys WHERE resource_id IS NULL AND deleted_at IS NULL AND expires_at <= now()
          ORDER BY expires_at LIMIT ${batch} FOR UPDATE SKIP LOCKED)
        RETURNING 1`,
    ),
} as const

async function deleteInBatches(database: Database, statement: Sql): Promise<number> {
  let total = 0
  for (;;) {
    const deleted = (await database.query(statement)).length
    total += deleted
    if (deleted < batch) return total
  }
}

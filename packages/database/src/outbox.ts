import sql from 'sql-template-tag'
import type { Database } from './database.ts'

/** Which resource has to be looked at; never what to do. */
export interface Pointer {
  kind: string
  id: string
}

/**
 * The outbox: pointers committed together with the change they tell of. They are deleted only after
 * `deliver` succeeded, so a crash in between delivers twice and never loses one.
 * Returns how many were delivered.
 */
export function drainOutbox(
  database: Database,
  limit: number,
  deliver: (pointers: Pointer[]) => Promise<void>,
): Promise<number> {
  return database.untenanted(async (query) => {
    const rows = await query<{ sequence: bigint; kind: string; id: string }>(sql`
      SELECT sequence, kind, resource_id AS id FROM outbox ORDER BY sequence LIMIT ${limit} FOR UPDATE SKIP LOCKED`)
    if (rows.length === 0) return 0
    await deliver(rows.map(({ kind, id }) => ({ kind, id })))
    await query(sql`DELETE FROM outbox WHERE sequence = ANY(${rows.map((row) => row.sequence)}::bigint[])`)
    return rows.length
  })
}

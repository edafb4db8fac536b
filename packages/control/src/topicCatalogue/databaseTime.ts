import sql from 'sql-template-tag'
import type { Query } from '../access/query.ts'

/** By the one clock that says when something in the catalogue was changed; exact, so a text. */
export async function databaseTime(query: Query): Promise<string> {
  const [clock] = await query<{ now: string }>(sql`SELECT clock_timestamp()::text AS now`)
  if (clock === undefined) throw new Error('the database does not tell the time')
  return clock.now
}

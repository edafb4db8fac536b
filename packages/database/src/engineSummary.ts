import sql from 'sql-template-tag'
import type { Database } from './database.ts'

/** How much there is to do: resources of each kind, how many are due and how many stand still, and what waits in the outbox. */
export interface EngineSummary {
  measure: 'resources' | 'due' | 'stalled' | 'outbox'
  /** Empty for the outbox. */
  kind: string
  count: bigint
}

export const readEngineSummary = (database: Database): Promise<EngineSummary[]> =>
  database.query<EngineSummary>(sql`SELECT measure, kind, count FROM engine_summary()`)

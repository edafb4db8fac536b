import sql, { type Sql } from 'sql-template-tag'

/** A table of principals with their positions in the list. */
export const named = (principals: readonly string[]): Sql =>
  sql`unnest(${principals}::text[]) WITH ORDINALITY AS named (principal, position)`

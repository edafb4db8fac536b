import type { Scope } from '@tributary/database/database'
import type { Page } from '@tributary/contract/cloud/paging'
import sql, { type Sql } from 'sql-template-tag'

/** One page of a list, and whether anything follows it. */
export interface Listed<Row> {
  rows: readonly Row[]
  more: boolean
}

/** The page of `rows` (a SELECT with an `id`) in the order of ids. Reads one row more than it gives, never a count. */
export async function listPage<Row>(scope: Scope, rows: Sql, { size, afterId }: Page): Promise<Listed<Row>> {
  const found = await scope.query<Row>(sql`
    SELECT * FROM (${rows}) AS listed WHERE id > ${afterId} ORDER BY id LIMIT ${size + 1}`)
  return { rows: found.slice(0, size), more: found.length > size }
}

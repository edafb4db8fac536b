import sql, { empty, raw, type Sql } from 'sql-template-tag'
import type { Caller } from './caller.ts'

/**
 * Rows that users change count their changes, and a caller may say at which count it read one (`If-Match`). The statement
 * that changes or locks the row compares: of two that go out from the same version exactly one changes something, and the
 * other finds nothing, as if the row were gone. Whoever called the use case tells the two apart.
 */
export interface Versioned {
  version: bigint
}

/** The part of an UPDATE that every change of a row makes. */
export const changed = raw('updated_at = now(), version = version + 1')

/** The condition on a row (of `table`) that is changed: nobody changed it since the caller read it, where it says so. */
export const asRead = ({ readVersions }: Pick<Caller, 'readVersions'>, table?: string): Sql =>
  readVersions === undefined
    ? empty
    : sql`AND ${raw(table === undefined ? 'version' : `${table}.version`)} = ANY(${readVersions}::bigint[])`

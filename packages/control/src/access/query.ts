import type { Prisma } from '@tributary/database/database'
import type { PrismaTransaction } from '@tributary/database/lease'
import type { Sql } from 'sql-template-tag'

/** Runs a statement, in a transaction or outside. */
export type Query = <Row>(statement: Sql) => Promise<Row[]>

/** SQL where Prisma has the connection: in a transaction that holds a lease. */
export const queryBy =
  (prisma: Prisma | PrismaTransaction): Query =>
  ({ text, values }) =>
    prisma.$queryRawUnsafe(text, ...values)

import type { Prisma } from './database.ts'

export type PrismaTransaction = Parameters<Parameters<Prisma['$transaction']>[0]>[0]

/**
 * Leases. Whoever reconciles a resource holds its lease: by the database's clock, with a token that
 * only grows. What was begun under a token that is no longer current writes nothing.
 *
 * `next_check_at` is NULL while a lease is held, so whatever sets it meanwhile (a new generation, a
 * touch) asks for another look, and release keeps the earlier of the two. Rings alone could not: one
 * that meets the lease held does nothing.
 */
export interface Lease {
  kind: string
  id: string
  organizationId: string
  token: bigint
  generation: bigint
  failures: number
  /** As whoever held the lease before left them: nobody else writes them. */
  conditions: unknown
}

export class LeaseLost extends Error {
  constructor(kind: string, id: string) {
    super(`the lease of ${kind} ${id} was lost`)
    this.name = 'LeaseLost'
  }
}

/** More than are given out while a sequence is read and set. */
const margin = 1000

/**
 * From now on tokens are greater than that one, which what runs was told of: in a database that was restored from an older
 * copy they may not be.
 */
export async function outgrowToken(transaction: PrismaTransaction, token: number): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('lease_tokens'))`
  await transaction.$executeRaw`
    SELECT setval('lease_tokens', ${token + margin}) FROM lease_tokens WHERE last_value < ${token}`
}

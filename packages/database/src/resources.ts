import sql from 'sql-template-tag'
import type { Database, Prisma } from './database.ts'

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
}

export class Resources {
  readonly #database: Database
  readonly #prisma: Prisma
  readonly #ttlMs: number

  constructor(database: Database, prisma: Prisma, ttlMs: number) {
    this.#database = database
    this.#prisma = prisma
    this.#ttlMs = ttlMs
  }

  get leaseTtlMs() {
    return this.#ttlMs
  }

  /** The lease, unless another holds it or the resource is gone. */
  async acquire(kind: string, id: string, holder: string): Promise<Lease | undefined> {
    const [row] = await this.#database.query<Omit<Lease, 'kind' | 'id'>>(sql`
      UPDATE resources
      SET lease_holder = ${holder}, lease_token = nextval('lease_tokens'),
          lease_expires_at = now() + ${this.#ttlMs} * interval '1 ms', next_check_at = NULL
      WHERE kind = ${kind} AND id = ${id} AND (lease_expires_at IS NULL OR lease_expires_at < now())
      RETURNING organization_id AS "organizationId", lease_token AS token, generation, failures`)
    return row === undefined ? undefined : { kind, id, ...row }
  }

  /** False when the lease was lost. */
  async renew({ kind, id, token }: Lease): Promise<boolean> {
    const rows = await this.#database.query(sql`
      UPDATE resources SET lease_expires_at = now() + ${this.#ttlMs} * interval '1 ms'
      WHERE kind = ${kind} AND id = ${id} AND lease_token = ${token} AND lease_expires_at > now()
      RETURNING id`)
    return rows.length > 0
  }

  /**
   * Writes how the reconciliation ended and lets go of the lease, unless a newer generation was
   * committed meanwhile: then the lease stays, and the holder goes on with the newer one.
   */
  async release(
    { kind, id, token, generation }: Lease,
    result: { conditions: readonly unknown[]; settled: boolean; failures: number; checkAfterMs: number },
  ): Promise<Released> {
    const { conditions, settled, failures, checkAfterMs } = result
    const [released] = await this.#database.query<{ afterMs: number }>(sql`
      UPDATE resources
      SET lease_holder = NULL, lease_expires_at = NULL, conditions = ${JSON.stringify(conditions)}::jsonb, failures = ${failures},
          observed_generation = CASE WHEN ${settled} THEN generation ELSE observed_generation END,
          next_check_at = least(next_check_at, now() + ${checkAfterMs} * interval '1 ms')
      WHERE kind = ${kind} AND id = ${id} AND lease_token = ${token} AND generation = ${generation}
      RETURNING ceil(greatest(0, 1000 * extract(epoch FROM next_check_at - now())))::int AS "afterMs"`)
    return released ?? this.#lookAgain(kind, id, token)
  }

  /** Deletes the resource: it needs no reconciling any more, unless something asked for another look meanwhile. */
  async forget({ kind, id, token, generation }: Lease): Promise<Forgotten> {
    const forgotten = await this.#database.query(sql`
      DELETE FROM resources
      WHERE kind = ${kind} AND id = ${id} AND lease_token = ${token} AND generation = ${generation} AND next_check_at IS NULL
      RETURNING id`)
    return forgotten.length > 0 ? 'forgotten' : this.#lookAgain(kind, id, token)
  }

  /**
   * Answers what asked for another look, under the same lease. A statement of its own: one that
   * waited for a committing change would not see what it waited for.
   */
  async #lookAgain(kind: string, id: string, token: bigint): Promise<{ lookAgainAt: bigint }> {
    const [row] = await this.#database.query<{ generation: bigint }>(sql`
      UPDATE resources SET next_check_at = NULL WHERE kind = ${kind} AND id = ${id} AND lease_token = ${token}
      RETURNING generation`)
    if (row === undefined) throw new LeaseLost(kind, id)
    return { lookAgainAt: row.generation }
  }

  async conditions({ kind, id }: Lease): Promise<unknown> {
    const [row] = await this.#database.query<{ conditions: unknown }>(
      sql`SELECT conditions FROM resources WHERE kind = ${kind} AND id = ${id}`,
    )
    return row?.conditions ?? []
  }

  /** Writes under the lease: the work is rolled back, and LeaseLost thrown, when the token is no longer current. */
  fenced<Result>(
    { kind, id, token }: Lease,
    work: (transaction: PrismaTransaction) => Promise<Result>,
  ): Promise<Result> {
    return this.#prisma.$transaction(async (transaction) => {
      const held = await transaction.$queryRaw<unknown[]>`
        SELECT 1 FROM resources
        WHERE kind = ${kind} AND id = ${id} AND lease_token = ${token} AND lease_expires_at > now() FOR UPDATE`
      if (held.length === 0) throw new LeaseLost(kind, id)
      return work(transaction)
    })
  }

  /** What is due, and what a worker held that is gone: oldest first. */
  due(kinds: readonly string[], limit: number): Promise<{ kind: string; id: string; token: bigint }[]> {
    return this.#database.query(sql`
      SELECT kind, id, lease_token AS token FROM resources
      WHERE kind = ANY(${kinds}::text[])
        AND (next_check_at <= now() AND lease_expires_at IS NULL OR lease_expires_at < now())
      ORDER BY coalesce(lease_expires_at, next_check_at) LIMIT ${limit}`)
  }

  /** How many there are. */
  async count(): Promise<number> {
    const [row] = await this.#database.query<{ count: bigint }>(sql`SELECT count(*) AS count FROM resources`)
    return Number(row?.count ?? 0)
  }

  /** Makes resources due at once, because the world changed rather than what is asked of it. */
  async touch(kind: string, ids: readonly string[]): Promise<void> {
    await this.#database.query(sql`
      UPDATE resources SET next_check_at = now()
      WHERE kind = ${kind} AND id = ANY(${ids}::text[]) AND (next_check_at IS NULL OR next_check_at > now())`)
  }
}

/** Let go, to be looked at again; or still held, because there is more to do at that generation. */
export type Released = { afterMs: number } | { lookAgainAt: bigint }
export type Forgotten = 'forgotten' | { lookAgainAt: bigint }

export type PrismaTransaction = Parameters<Parameters<Prisma['$transaction']>[0]>[0]

export class LeaseLost extends Error {
  constructor(kind: string, id: string) {
    super(`the lease of ${kind} ${id} was lost`)
    this.name = 'LeaseLost'
  }
}

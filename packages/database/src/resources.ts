import sql from 'sql-template-tag'
import type { Database, Prisma } from './database.ts'
import { LeaseLost, type Lease, type PrismaTransaction } from './lease.ts'
import { finishWaiting } from './steps.ts'

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
      RETURNING organization_id AS "organizationId", lease_token AS token, generation, failures, conditions`)
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
   * committed meanwhile: then the lease stays, and the holder goes on with the newer one. Where nothing is left to do,
   * what was waited for has come, and what a worker did before it died is done.
   */
  async release(lease: Lease, result: Ending): Promise<Released> {
    const { kind, id, token } = lease
    const [released] = await this.#database.query<{ afterMs: number }>(
      result.settled
        ? sql`WITH released AS (${release(lease, result)}), finished AS (${finishWaiting(lease, sql`released`)})
              SELECT "afterMs" FROM released`
        : release(lease, result),
    )
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

interface Ending {
  conditions: readonly unknown[]
  settled: boolean
  failures: number
  checkAfterMs: number
}

const release = (
  { kind, id, token, generation }: Lease,
  { conditions, settled, failures, checkAfterMs }: Ending,
) => sql`
  UPDATE resources
  SET lease_holder = NULL, lease_expires_at = NULL, conditions = ${JSON.stringify(conditions)}::jsonb, failures = ${failures},
      observed_generation = CASE WHEN ${settled} THEN generation ELSE observed_generation END,
      next_check_at = least(next_check_at, now() + ${checkAfterMs} * interval '1 ms')
  WHERE kind = ${kind} AND id = ${id} AND lease_token = ${token} AND generation = ${generation}
  RETURNING ceil(greatest(0, 1000 * extract(epoch FROM next_check_at - now())))::int AS "afterMs"`

/** Let go, to be looked at again; or still held, because there is more to do at that generation. */
export type Released = { afterMs: number } | { lookAgainAt: bigint }
export type Forgotten = 'forgotten' | { lookAgainAt: bigint }

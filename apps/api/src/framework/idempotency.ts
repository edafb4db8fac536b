import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Scope } from '@tributary/database/database'
import { errors } from '@tributary/domain/errors'
import { deriveKey, seal, unseal } from '@tributary/kit/seal'
import sql from 'sql-template-tag'

/**
 * A POST with an Idempotency-Key happens once: repeating it within 24 hours gives the first answer
 * again, secrets included. The answer is sealed under the header's value, of which only a hash is
 * stored.
 */
export interface StoredAnswer {
  status: number
  body: string
  etag?: string
}

/** A request that is to happen once. */
export interface OnlyOnce {
  principalId: string
  key: string
  /** Of what is asked for: the same key with another one is refused. */
  fingerprint: string
}

/**
 * For what is done in one transaction, the scope's: the record commits with the change, and a second request that arrives
 * meanwhile waits for it.
 */
export async function answerOnce(
  scope: Scope,
  request: OnlyOnce,
  answer: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const record = recordOf(scope, request)
  const claim = await record.claim()
  if (claim === undefined) {
    const stored = await record.read()
    if (stored === undefined) throw stillBeingAnswered()
    return stored
  }
  const given = await answer()
  await record.keep(claim, given)
  return given
}

/**
 * For what brokers carry out, which may take long: no connection to the database is held meanwhile, or one tenant's
 * brokers could take them from all others. A second request looks now and then whether the first is answered. One that
 * nobody answered, because its API ended, may be made again a minute later.
 */
export async function answerOnceByBrokers(
  scope: Scope,
  request: OnlyOnce,
  answer: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const record = recordOf(scope, request)
  for (const deadline = performance.now() + longestWaitMs; performance.now() < deadline; await delay(lookEveryMs)) {
    const claim = await record.claim()
    if (claim !== undefined) {
      const given = await answer().catch(async (error: unknown) => {
        await record.giveBack(claim)
        throw error
      })
      await record.keep(claim, given)
      return given
    }
    const stored = await record.read()
    if (stored !== undefined) return stored
  }
  throw stillBeingAnswered()
}

const longestWaitMs = 10_000
const lookEveryMs = 100

const stillBeingAnswered = () =>
  errors.unavailable('The first request with this Idempotency-Key is still being carried out. Repeat it.', 5)

const hash = (text: string) => createHash('sha256').update(text).digest()

/** What is kept of a request. Whoever may carry it out holds a claim, which is when it was made. */
function recordOf(scope: Scope, { principalId, key, fingerprint }: OnlyOnce) {
  const { organizationId } = scope
  const [keyHash, requestHash] = [hash(key), hash(fingerprint)]
  const sealingKey = deriveKey(key, 'idempotent-answer')
  const context = `${organizationId}/${principalId}`
  const own = sql`organization_id = ${organizationId}::uuid AND principal = ${principalId} AND key_hash = ${keyHash}::bytea`
  return {
    /** Undefined where somebody has made the request already. */
    async claim(): Promise<string | undefined> {
      const [claimed] = await scope.query<{ claim: string }>(sql`
        INSERT INTO idempotency_records AS record (organization_id, principal, key_hash, request_hash)
        VALUES (${organizationId}::uuid, ${principalId}, ${keyHash}::bytea, ${requestHash}::bytea)
        ON CONFLICT (organization_id, principal, key_hash) DO UPDATE
          SET request_hash = excluded.request_hash, created_at = now(), sealed_answer = NULL
          WHERE record.created_at < now() - interval '24 hours'
            OR record.sealed_answer IS NULL AND record.created_at < now() - interval '1 minute'
        RETURNING created_at::text AS claim`)
      return claimed?.claim
    },
    /** Undefined while it is not answered. */
    async read(): Promise<StoredAnswer | undefined> {
      const [record] = await scope.query<{ request_hash: Buffer; sealed_answer: Buffer | null }>(
        sql`SELECT request_hash, sealed_answer FROM idempotency_records WHERE ${own}`,
      )
      if (record === undefined) return undefined
      if (!record.request_hash.equals(requestHash)) throw errors.idempotencyKeyReused()
      if (record.sealed_answer === null) return undefined
      return JSON.parse(unseal(sealingKey, record.sealed_answer, context).toString('utf8')) as StoredAnswer
    },
    async keep(claim: string, given: StoredAnswer): Promise<void> {
      const sealed = seal(sealingKey, Buffer.from(JSON.stringify(given), 'utf8'), context)
      await scope.query(sql`
        UPDATE idempotency_records SET sealed_answer = ${sealed}::bytea
        WHERE ${own} AND created_at = ${claim}::timestamptz`)
    },
    async giveBack(claim: string): Promise<void> {
      await scope.query(sql`DELETE FROM idempotency_records WHERE ${own} AND created_at = ${claim}::timestamptz`)
    },
  }
}

import { createHash } from 'node:crypto'
import type { Scope } from '@tributary/database/database'
import { errors } from '@tributary/domain/errors'
import { deriveKey, seal, unseal } from '@tributary/kit/seal'
import sql from 'sql-template-tag'

/**
 * A POST with an Idempotency-Key happens once: repeating it within 24 hours gives the first answer
 * again, secrets included. The answer is sealed under the header's value, of which only a hash is
 * stored. The record commits with the change; a second request that arrives meanwhile waits for it.
 */
export interface StoredAnswer {
  status: number
  body: string
  etag?: string
}

const hash = (text: string) => createHash('sha256').update(text).digest()

export async function answerOnce(
  scope: Scope,
  principalId: string,
  request: { key: string; fingerprint: string },
  answer: () => Promise<StoredAnswer>,
): Promise<StoredAnswer> {
  const keyHash = hash(request.key)
  const requestHash = hash(request.fingerprint)
  const sealingKey = deriveKey(request.key, 'idempotent-answer')
  const context = `${scope.organizationId}/${principalId}`
  const [claimed] = await scope.query(sql`
    INSERT INTO idempotency_records AS record (organization_id, principal, key_hash, request_hash)
    VALUES (${scope.organizationId}::uuid, ${principalId}, ${keyHash}::bytea, ${requestHash}::bytea)
    ON CONFLICT (organization_id, principal, key_hash) DO UPDATE
      SET request_hash = excluded.request_hash, created_at = now(), sealed_answer = NULL
      WHERE record.created_at < now() - interval '24 hours'
    RETURNING 1`)
  if (claimed === undefined) {
    const [record] = await scope.query<{ request_hash: Buffer; sealed_answer: Buffer }>(sql`
      SELECT request_hash, sealed_answer FROM idempotency_records
      WHERE organization_id = ${scope.organizationId}::uuid AND principal = ${principalId} AND key_hash = ${keyHash}::bytea`)
    if (record === undefined || !record.request_hash.equals(requestHash)) throw errors.idempotencyKeyReused()
    return JSON.parse(unseal(sealingKey, record.sealed_answer, context).toString('utf8')) as StoredAnswer
  }
  const given = await answer()
  const sealed = seal(sealingKey, Buffer.from(JSON.stringify(given), 'utf8'), context)
  await scope.query(sql`
    UPDATE idempotency_records SET sealed_answer = ${sealed}::bytea
    WHERE organization_id = ${scope.organizationId}::uuid AND principal = ${principalId} AND key_hash = ${keyHash}::bytea`)
  return given
}

import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql, { type Sql } from 'sql-template-tag'
import { changedAccess } from '../access/changedAccess.ts'
import type { Caller } from '../caller.ts'
import { apiKeyColumns, type ApiKey } from './apiKey.ts'
import { asRead, changed } from '../versions.ts'

/** A time (RFC 3339), null for never, or a time from now that only brings an expiry nearer. */
export type Expiry = string | null | { afterSeconds: number }

/** Says until when a key is good. The brokers of its cluster keep to it by their own clocks. */
export async function expireApiKey(caller: Caller, { id, resource_id }: ApiKey, expiry: Expiry): Promise<ApiKey> {
  const expiresAt =
    expiry !== null && typeof expiry === 'object'
      ? sql`least(expires_at, now() + ${expiry.afterSeconds} * interval '1 s')`
      : sql`${expiry}::timestamptz`
  const key = sql`
    SELECT id, resource_id, organization_id FROM api_keys
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)} FOR UPDATE`
  const change = (revision: Sql) => sql`
    UPDATE api_keys SET expires_at = ${expiresAt}, ${changed}, revision = source.revision
    FROM (${revision}) AS source
    WHERE organization_id = ${caller.organizationId}::uuid AND api_keys.id = ${id} AND deleted_at IS NULL ${asRead(caller)}
    RETURNING ${apiKeyColumns}`
  const [expired] = await commit<ApiKey>(
    caller,
    resource_id === null
      ? { change: change(sql`SELECT 0::bigint AS revision`) }
      : {
          ...changedAccess(sql`SELECT resource_id AS id, organization_id FROM (${key}) AS key`),
          change: change(sql`SELECT revision FROM revised`),
        },
  )
  if (expired === undefined) throw errors.notFound()
  return expired
}

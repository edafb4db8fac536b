import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql, { type Sql } from 'sql-template-tag'
import { changedAccess } from '../access/changedAccess.ts'
import type { Caller } from '../caller.ts'
import type { ApiKey } from './apiKey.ts'
import { asRead } from '../versions.ts'

/** The control plane refuses the key from this commit on; its cluster's brokers as soon as they learn of it. */
export async function deleteApiKey(caller: Caller, key: ApiKey): Promise<void> {
  const [deleted] = await commit(caller, key.resource_id === null ? cloudKey(caller, key) : clusterKey(caller, key))
  if (deleted === undefined) throw errors.notFound()
}

const cloudKey = (caller: Caller, key: ApiKey) => ({ change: remove(caller, key, sql`SELECT 0::bigint AS revision`) })

/** A change of the cluster's access, as when it was made. */
function clusterKey(caller: Caller, key: ApiKey) {
  const cluster = sql`
    SELECT resource_id AS id, organization_id FROM api_keys
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${key.id} AND deleted_at IS NULL ${asRead(caller)}
    FOR UPDATE`
  return {
    ...changedAccess(cluster),
    change: remove(caller, key, sql`SELECT revision FROM revised`),
  }
}

const remove = (caller: Caller, { id }: ApiKey, revision: Sql) => sql`
  UPDATE api_keys SET deleted_at = now(), updated_at = now(), revision = source.revision
  FROM (${revision}) AS source
  WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)}
  RETURNING api_keys.id, api_keys.organization_id`

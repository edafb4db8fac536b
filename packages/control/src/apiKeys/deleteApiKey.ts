import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql, { type Sql } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { accessKind } from '../kafkaClusters/kafkaCluster.ts'
import type { ApiKey } from './apiKey.ts'

/** The control plane refuses the key from this commit on; its cluster's brokers as soon as they learn of it. */
export async function deleteApiKey(caller: Caller, key: ApiKey): Promise<void> {
  const [deleted] = await commit(caller, key.resource_id === null ? cloudKey(caller, key) : clusterKey(caller, key))
  if (deleted === undefined) throw errors.notFound()
}

const cloudKey = (caller: Caller, key: ApiKey) => ({ change: remove(caller, key, sql`SELECT 0::bigint AS generation`) })

/** A new generation of the cluster's access, which the key carries as its revision, as when it was made. */
function clusterKey(caller: Caller, key: ApiKey) {
  const cluster = sql`
    SELECT resource_id AS id, organization_id FROM api_keys
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${key.id} AND deleted_at IS NULL
    FOR UPDATE`
  return {
    desired: desire([accessKind], cluster),
    change: remove(caller, key, sql`SELECT generation FROM desired`),
  }
}

const remove = ({ organizationId }: Caller, { id }: ApiKey, generation: Sql) => sql`
  UPDATE api_keys SET deleted_at = now(), updated_at = now(), revision = source.generation
  FROM (${generation}) AS source
  WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL
  RETURNING api_keys.id, api_keys.organization_id`

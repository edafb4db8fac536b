import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import { newId, type KafkaClusterId, type PrincipalId } from '@tributary/domain/ids'
import { computeVerifier, generateSecret } from '@tributary/kit/apiKeySecret'
import sql, { type Sql } from 'sql-template-tag'
import { changedAccess } from '../access/changedAccess.ts'
import type { Caller } from '../caller.ts'
import { apiKeyColumns, type ApiKey } from './apiKey.ts'
import { findOwner, lockOwner, makingKeysFor } from './apiKeyOwner.ts'

export interface NewApiKey {
  ownerId: PrincipalId
  /** Undefined for a Cloud API key. */
  resourceId: KafkaClusterId | undefined
  displayName: string
  description: string
}

/** Never for another user; for a service account only by who holds all that it holds. */
export function createApiKey(caller: Caller, input: NewApiKey): Promise<{ key: ApiKey; secret: string }> {
  const { ownerId } = input
  if (ownerId.startsWith('u-') && ownerId !== caller.principalId) {
    throw errors.invalid('A key for another user cannot be made. Use a service account.', { pointer: '/spec/owner/id' })
  }
  return makingKeysFor(caller, ownerId, (maker) => insertApiKey(maker, input))
}

/** The secret leaves the control plane here and is never known to it again. */
export async function insertApiKey(caller: Caller, input: NewApiKey): Promise<{ key: ApiKey; secret: string }> {
  const { ownerId, resourceId } = input
  const secret = generateSecret()
  const parts =
    resourceId === undefined ? cloudKey(caller, input, secret) : clusterKey(caller, input, resourceId, secret)
  const [key] = await commit<ApiKey>(caller, parts)
  if (key !== undefined) return { key, secret }
  const [owner] = await caller.scope.query(findOwner(caller, ownerId))
  throw owner === undefined
    ? errors.invalid('There is no such service account or user.', { pointer: '/spec/owner/id' })
    : errors.invalid('There is no such Kafka cluster.', { pointer: '/spec/resource/id' })
}

function cloudKey(caller: Caller, input: NewApiKey, secret: string) {
  return {
    owner: lockOwner(caller, input.ownerId),
    change: insert(caller, input, secret, sql`SELECT 0::bigint AS revision`),
  }
}

/** A key of a cluster is a change of the cluster's access. */
function clusterKey(caller: Caller, input: NewApiKey, resourceId: KafkaClusterId, secret: string) {
  const cluster = sql`
    SELECT id, organization_id FROM kafka_clusters
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${resourceId} AND deleted_at IS NULL
      AND EXISTS (SELECT 1 FROM owner)
    FOR SHARE`
  return {
    owner: lockOwner(caller, input.ownerId),
    ...changedAccess(cluster),
    change: insert(caller, input, secret, sql`SELECT revision FROM revised`),
  }
}

function insert(caller: Caller, input: NewApiKey, secret: string, revision: Sql): Sql {
  const { salt, hash } = computeVerifier(secret)
  return sql`
    INSERT INTO api_keys (id, organization_id, owner_id, resource_id, display_name, description, salt, hash, revision)
    SELECT ${newId.apiKey()}, ${caller.organizationId}::uuid, ${input.ownerId}, ${input.resourceId ?? null}::text,
           ${input.displayName}, ${input.description}, ${salt}::bytea, ${hash}::bytea, source.revision
    FROM (${revision}) AS source
    WHERE EXISTS (SELECT 1 FROM owner)
    RETURNING ${apiKeyColumns}`
}

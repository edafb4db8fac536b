import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import { newId, type KafkaClusterId, type PrincipalId } from '@tributary/domain/ids'
import type { Grant } from '@tributary/domain/roles/grantsOn'
import { holds } from '@tributary/domain/roles/holds'
import { computeVerifier, generateSecret } from '@tributary/kit/apiKeySecret'
import sql, { raw, type Sql } from 'sql-template-tag'
import { changedAccess } from '../access/changedAccess.ts'
import type { Caller } from '../caller.ts'
import { findGrants } from '../roleBindings/findGrants.ts'
import { apiKeyColumns, type ApiKey } from './apiKey.ts'

export interface NewApiKey {
  ownerId: PrincipalId
  /** Undefined for a Cloud API key. */
  resourceId: KafkaClusterId | undefined
  displayName: string
  description: string
}

/**
 * The secret leaves the control plane here and is never known to it again. Never for another user; for a service
 * account only by who holds all that it holds, or making a key would be a way to rights that nobody granted.
 */
export async function createApiKey(caller: Caller, input: NewApiKey): Promise<{ key: ApiKey; secret: string }> {
  const { ownerId } = input
  if (ownerId.startsWith('u-') && ownerId !== caller.principalId) {
    throw errors.invalid('A key for another user cannot be made. Use a service account.', { pointer: '/spec/owner/id' })
  }
  if (ownerId === caller.principalId || holds(caller, everything)) return insertApiKey(caller, input)
  return caller.scope.transaction(async (scope) => {
    // Whoever grants the owner something waits for this, or this sees it.
    await scope.query(lockOwner(caller, ownerId))
    const grants = await findGrants(scope, ownerId)
    if (!grants.every((grant) => holds(caller, grant))) {
      throw errors.cannotGive('This service account holds roles that you do not hold, so you cannot make a key for it.')
    }
    return insertApiKey({ ...caller, scope }, input)
  })
}

const everything: Grant = { role: 'OrganizationAdmin', place: {} }

async function insertApiKey(caller: Caller, input: NewApiKey): Promise<{ key: ApiKey; secret: string }> {
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

const findOwner = ({ organizationId }: Caller, ownerId: PrincipalId) => sql`
  SELECT id FROM ${raw(ownerId.startsWith('u-') ? 'users' : 'service_accounts')}
  WHERE organization_id = ${organizationId}::uuid AND id = ${ownerId} AND deleted_at IS NULL`

/** A share of the owner's row: whoever deletes the owner waits, and then sees this key too. */
const lockOwner = (caller: Caller, ownerId: PrincipalId) => sql`${findOwner(caller, ownerId)} FOR SHARE`

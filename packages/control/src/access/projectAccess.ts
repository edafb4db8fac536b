import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import { grantsOn } from '@tributary/domain/roles/grantsOn'
import type { AccessRecord } from '@tributary/kafka/accessTopic'
import sql from 'sql-template-tag'
import { grantFrom } from '../roleBindings/storedGrant.ts'
import type { Query } from './query.ts'

export interface AccessCluster {
  id: KafkaClusterId
  organizationId: string
  environmentId: EnvironmentId
}

export interface AccessProjection {
  records: AccessRecord[]
  /** The highest revision of what was read; -1 if that was nothing. */
  revision: bigint
}

/** What the brokers of a cluster are to know of keys and role bindings that changed after a revision. */
export async function projectAccess(query: Query, cluster: AccessCluster, after: bigint): Promise<AccessProjection> {
  const [keys, bindings] = [
    await query<KeyRow>(keysOf(cluster, after)),
    await query<BindingRow>(bindingsOn(cluster, after)),
  ]
  return {
    records: [...keys.map(keyRecord), ...bindings.flatMap((binding) => bindingRecord(binding, cluster))],
    revision: [...keys, ...bindings].reduce((highest, row) => (row.revision > highest ? row.revision : highest), -1n),
  }
}

interface KeyRow {
  id: string
  revision: bigint
  owner_id: string
  salt: Uint8Array
  hash: Uint8Array
  expires_at: Date | null
  deleted_at: Date | null
}

const keysOf = ({ id }: AccessCluster, after: bigint) => sql`
  SELECT id, revision, owner_id, salt, hash, expires_at, deleted_at FROM api_keys
  WHERE resource_id = ${id} AND revision > ${after}`

function keyRecord({ id, revision, owner_id, salt, hash, expires_at, deleted_at }: KeyRow): AccessRecord {
  const expires = expires_at === null ? {} : { expires: expires_at.getTime() }
  return {
    key: `key/${id}`,
    revision: Number(revision),
    content: deleted_at === null ? { owner: owner_id, salt: base64(salt), hash: base64(hash), ...expires } : deleted,
  }
}

const deleted = { deleted: true } as const

interface BindingRow {
  id: string
  revision: bigint
  principal: string
  role_name: string
  crn_pattern: string
  deleted_at: Date | null
}

/** Those that concern the cluster: its organization's, its environment's, its own. */
const bindingsOn = ({ id, organizationId, environmentId }: AccessCluster, after: bigint) => sql`
  SELECT id, revision, principal, role_name, crn_pattern, deleted_at FROM role_bindings
  WHERE organization_id = ${organizationId}::uuid AND revision > ${after}
    AND (environment_id IS NULL OR environment_id = ${environmentId}) AND (cluster_id IS NULL OR cluster_id = ${id})`

/** Nothing for a role that gives nothing in brokers. */
function bindingRecord(binding: BindingRow, cluster: AccessCluster): AccessRecord[] {
  const { id, revision, principal, role_name, crn_pattern, deleted_at } = binding
  const grants = grantsOn(grantFrom([role_name, crn_pattern]), cluster)
  if (grants.length === 0) return []
  const content = deleted_at === null ? { principal: principal.replace(/^User:/, ''), grants } : deleted
  return [{ key: `binding/${id}`, revision: Number(revision), content }]
}

/**
 * The highest revision that the topic holds once everything is published: a broker that has seen it knows of every
 * deletion until now.
 */
export async function highestRevision(query: Query, cluster: AccessCluster): Promise<bigint> {
  const [keys] = await query<{ highest: bigint | null }>(
    sql`SELECT max(revision) AS highest FROM api_keys WHERE resource_id = ${cluster.id}`,
  )
  const highestOfKeys = keys?.highest ?? 0n
  const newer = await query<BindingRow>(sql`${bindingsOn(cluster, highestOfKeys)} ORDER BY revision DESC`)
  return newer.find((binding) => bindingRecord(binding, cluster).length > 0)?.revision ?? highestOfKeys
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

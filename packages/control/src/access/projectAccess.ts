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

/**
 * What the brokers of a cluster are to know of keys and role bindings that changed after a revision. One statement reads
 * both: between two a key could be committed, and then a binding, whose revision would be taken for all that came before.
 */
export async function projectAccess(query: Query, cluster: AccessCluster, after: bigint): Promise<AccessProjection> {
  const rows = await query<KeyRow | BindingRow>(sql`
    SELECT id, revision, deleted_at, owner_id, salt, hash, expires_at, NULL AS principal, NULL AS role_name, NULL AS crn_pattern
    FROM api_keys WHERE resource_id = ${cluster.id} AND revision > ${after}
    UNION ALL
    SELECT id, revision, deleted_at, NULL, NULL, NULL, NULL, principal, role_name, crn_pattern
    FROM role_bindings WHERE ${concerning(cluster)} AND revision > ${after}`)
  return {
    records: rows.flatMap((row) => (row.owner_id === null ? bindingRecord(row, cluster) : [keyRecord(row)])),
    revision: rows.reduce((highest, row) => (row.revision > highest ? row.revision : highest), -1n),
  }
}

interface KeyRow {
  id: string
  revision: bigint
  deleted_at: Date | null
  owner_id: string
  salt: Uint8Array
  hash: Uint8Array
  expires_at: Date | null
}

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
  deleted_at: Date | null
  owner_id: null
  principal: string
  role_name: string
  crn_pattern: string
}

/** Role bindings of the cluster's organization, its environment and itself. */
const concerning = ({ id, organizationId, environmentId }: AccessCluster) => sql`
  organization_id = ${organizationId}::uuid
  AND (environment_id IS NULL OR environment_id = ${environmentId}) AND (cluster_id IS NULL OR cluster_id = ${id})`

/** Nothing for a role that gives nothing in brokers. */
function bindingRecord(
  { id, revision, principal, role_name, crn_pattern, deleted_at }: Omit<BindingRow, 'owner_id'>,
  cluster: AccessCluster,
): AccessRecord[] {
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
  const newer = await query<Omit<BindingRow, 'owner_id'>>(sql`
    SELECT id, revision, deleted_at, principal, role_name, crn_pattern FROM role_bindings
    WHERE ${concerning(cluster)} AND revision > ${highestOfKeys} ORDER BY revision DESC`)
  return newer.find((binding) => bindingRecord(binding, cluster).length > 0)?.revision ?? highestOfKeys
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

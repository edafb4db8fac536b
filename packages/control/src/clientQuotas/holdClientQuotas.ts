import type { Scope } from '@tributary/database/database'
import { errors } from '@tributary/domain/errors'
import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import { everyoneElse } from '@tributary/domain/kafkaConfiguration/quotasInside'
import sql, { type Sql } from 'sql-template-tag'
import { configurationKind } from '../kafkaClusters/kafkaCluster.ts'

/**
 * The quotas of a cluster change one at a time, and each change sees the one before. Locks come in this order, as
 * everywhere: principals (whoever deletes one waits, and then sees that it has a quota), the cluster (so does its
 * deletion), and the engine's row of the cluster's configuration, which is the turn.
 *
 * Throws `invalid` for a principal that there is not; false when there is no such cluster.
 */
export async function holdClientQuotas(
  scope: Scope,
  { clusterId, environmentId, principals }: ClientQuotaPlace,
): Promise<boolean> {
  const accounts = principals.filter((principal) => principal !== everyoneElse)
  const known = await scope.query<{ id: string }>(sql`
    SELECT id FROM service_accounts
    WHERE organization_id = ${scope.organizationId}::uuid AND id = ANY(${accounts}::text[]) AND deleted_at IS NULL
    ORDER BY id FOR SHARE`)
  const ids = new Set([everyoneElse, ...known.map(({ id }) => id)])
  const stranger = principals.findIndex((principal) => !ids.has(principal))
  if (stranger >= 0) {
    throw errors.invalid(`There is no service account ${principals[stranger]}.`, {
      pointer: `/spec/principals/${stranger}/id`,
    })
  }
  const [cluster] = await scope.query(sql`
    SELECT 1 FROM kafka_clusters
    WHERE organization_id = ${scope.organizationId}::uuid AND id = ${clusterId} AND environment_id = ${environmentId}
      AND deleted_at IS NULL FOR SHARE`)
  if (cluster === undefined) return false
  await scope.query(takeTurn(sql`SELECT ${clusterId}::text`))
  return true
}

export interface ClientQuotaPlace {
  clusterId: KafkaClusterId
  environmentId: EnvironmentId
  /** Those that are to have the quota. */
  principals: readonly string[]
}

/** The turn to change the quotas of these clusters. */
export const takeTurn = (clusterIds: Sql): Sql => sql`
  SELECT 1 FROM resources WHERE kind = ${configurationKind} AND id IN (${clusterIds}) ORDER BY id FOR UPDATE`

/** Throws where one of them has another quota in the cluster already. Asked in one's turn, the answer stays true. */
export async function refuseSecondQuota(
  scope: Scope,
  { clusterId, principals }: ClientQuotaPlace,
  own: string | undefined,
): Promise<void> {
  const [taken] = await scope.query<{ principal: string; client_quota_id: string }>(sql`
    SELECT principal, client_quota_id FROM client_quota_principals
    WHERE organization_id = ${scope.organizationId}::uuid AND cluster_id = ${clusterId}
      AND principal = ANY(${principals}::text[]) AND client_quota_id IS DISTINCT FROM ${own ?? null}::text
    ORDER BY position LIMIT 1`)
  if (taken === undefined) return
  const { principal, client_quota_id } = taken
  const pointer = `/spec/principals/${principals.indexOf(principal)}/id`
  throw errors.hasClientQuota(principal, client_quota_id, { pointer })
}

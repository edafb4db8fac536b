import { desire } from '@tributary/database/commit'
import type { Scope } from '@tributary/database/database'
import type { Place } from '@tributary/domain/roles/place'
import sql, { empty, type Sql } from 'sql-template-tag'
import { accessKind } from '../kafkaClusters/kafkaCluster.ts'

/**
 * What everything that changes keys and role bindings has in common, so that brokers learn of it.
 *
 * Brokers ignore a record older than what they have, and a publication takes what is newer than the last one. Both
 * need revisions that grow, for each cluster, in the order in which changes commit. So a change takes its revision from
 * a sequence while it holds the clusters' rows in `resources`, which it keeps until it commits.
 *
 * Locks come in this order: the principal, its keys, environments ({@link lockEnvironments}), clusters, role bindings,
 * and at last, in the commit, the access of clusters; of each, by id. Two changes never wait for each other in a circle.
 */
export interface ChangedAccess {
  /** Access of each cluster gets a new generation: its brokers are told. */
  desired: Sql
  /** The revision for each cluster's records: `id`, `revision`. Whoever reads it has locked all of `desired`. */
  revised: Sql
}

/** The parts of a commit that changes the access of `clusters`, rows of (id, organization_id) ordered by id. */
export const changedAccess = (clusters: Sql): ChangedAccess => ({
  desired: desire([accessKind], clusters),
  revised: sql`SELECT id, nextval('access_revisions') AS revision FROM desired WHERE kind = ${accessKind}`,
})

/** The revision of a role binding that a commit with `revised` makes or ends: above that of each cluster. */
export const bindingRevision = sql`(SELECT coalesce(max(revision), nextval('access_revisions')) FROM revised)`

/** The clusters that a role binding concerns, ordered by id. */
export const clustersIn = (organizationId: string, { environmentId, clusterId }: Place): Sql => sql`
  SELECT id, organization_id FROM kafka_clusters
  WHERE organization_id = ${organizationId}::uuid AND deleted_at IS NULL
    ${environmentId === undefined ? empty : sql`AND environment_id = ${environmentId}`}
    ${clusterId === undefined ? empty : sql`AND id = ${clusterId}`}
  ORDER BY id`

/**
 * Locks the environments whose clusters role bindings at these places concern. Whoever creates a cluster holds a share
 * of its environment: either it was committed before, and the statement after this one sees it, or its first
 * publication sees this change.
 */
export async function lockEnvironments(scope: Scope, places: readonly Place[]): Promise<void> {
  const ids = places.flatMap(({ environmentId }) => (environmentId === undefined ? [] : [environmentId]))
  const everywhere = ids.length < places.length
  await scope.query(sql`
    SELECT 1 FROM environments
    WHERE organization_id = ${scope.organizationId}::uuid AND deleted_at IS NULL AND (${everywhere} OR id = ANY(${ids}::text[]))
    ORDER BY id FOR NO KEY UPDATE`)
}

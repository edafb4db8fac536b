import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { takeTurn } from '../clientQuotas/holdClientQuotas.ts'
import { withoutConfiguration } from '../kafkaConfiguration/withoutConfiguration.ts'
import { accessKind, clusterKind, configurationKind, topicsKind, type KafkaCluster } from './kafkaCluster.ts'
import { asRead } from '../versions.ts'

/**
 * From this commit on the cluster is gone for its users, and its keys with it; workers take down what runs.
 * Locks come in the order in which everyone takes them: the engine's rows of the cluster and of its topics (workers
 * write under them), the cluster (whoever makes a key or a topic holds a share of it), its keys, its role bindings, its
 * configuration, and at last its topics and its access.
 */
export async function deleteKafkaCluster(caller: Caller, { id }: KafkaCluster): Promise<void> {
  const { organizationId } = caller
  await caller.scope.transaction(async (scope) => {
    await scope.query(sql`
      SELECT 1 FROM resources WHERE kind = ANY(${[clusterKind, topicsKind]}::text[]) AND id = ${id}
      ORDER BY kind FOR UPDATE`)
    const [cluster] = await scope.query<{ deletion_protection: boolean }>(sql`
      SELECT deletion_protection FROM kafka_clusters
      WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)} FOR UPDATE`)
    if (cluster === undefined) throw errors.notFound()
    if (cluster.deletion_protection) throw errors.deletionProtected()
    await scope.query(sql`
      SELECT 1 FROM api_keys
      WHERE organization_id = ${organizationId}::uuid AND resource_id = ${id} AND deleted_at IS NULL
      ORDER BY id FOR UPDATE`)
    await scope.query(sql`
      SELECT 1 FROM role_bindings
      WHERE organization_id = ${organizationId}::uuid AND cluster_id = ${id} AND deleted_at IS NULL
      ORDER BY id FOR UPDATE`)
    await scope.query(takeTurn(sql`SELECT ${id}::text`))
    const change = sql`
      UPDATE kafka_clusters SET deleted_at = now(), updated_at = now()
      WHERE organization_id = ${organizationId}::uuid AND id = ${id}
      RETURNING id, organization_id`
    const keys = sql`
      UPDATE api_keys SET deleted_at = now(), updated_at = now()
      WHERE organization_id = ${organizationId}::uuid AND resource_id = ${id} AND deleted_at IS NULL`
    const bindings = sql`
      UPDATE role_bindings SET deleted_at = now(), updated_at = now()
      WHERE organization_id = ${organizationId}::uuid AND cluster_id = ${id} AND deleted_at IS NULL`
    const desired = desire(
      [clusterKind, accessKind, configurationKind, topicsKind],
      sql`SELECT id, organization_id FROM change`,
    )
    const topics = sql`DELETE FROM kafka_topics WHERE organization_id = ${organizationId}::uuid AND cluster_id = ${id}`
    const configuration = withoutConfiguration(organizationId, id)
    await commit({ ...caller, scope }, { change, keys, bindings, ...configuration, topics, desired })
  })
}

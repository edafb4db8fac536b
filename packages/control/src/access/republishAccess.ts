import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { accessKind, type KafkaCluster } from '../kafkaClusters/kafkaCluster.ts'

/** Asks that all keys and role bindings of a cluster be published again, whatever its brokers know. */
export async function republishAccess(caller: Caller, { id }: KafkaCluster): Promise<void> {
  const cluster = sql`
    SELECT id, organization_id FROM kafka_clusters
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL FOR SHARE`
  // In whole milliseconds, as whoever answers the request will read it and compare.
  const change = sql`
    UPDATE access_publications SET republish_requested_at = date_trunc('milliseconds', clock_timestamp())
    FROM desired WHERE cluster_id = desired.id
    RETURNING cluster_id AS id, access_publications.organization_id`
  const [requested] = await commit(caller, { desired: desire([accessKind], cluster), change })
  if (requested === undefined) throw errors.notFound()
}

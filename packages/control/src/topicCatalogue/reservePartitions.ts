import { commit } from '@tributary/database/commit'
import { exceededQuota } from '@tributary/database/databaseErrors'
import { AppError, errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { topicsKind, type KafkaCluster } from '../kafkaClusters/kafkaCluster.ts'
import { topicResource } from './topicResource.ts'

interface WantedTopic {
  name: string
  partitionsCount: number
  /** Of one that is to be made nothing is there yet, whatever is known of an earlier one of its name. */
  isNew: boolean
}

/**
 * Reserves what a topic is to have beyond what it has, and resolves to how much that was: `recordTopic` or
 * `giveBackPartitions` takes it back. The quota refuses what there is no room for.
 *
 * What was reserved before keeps its age: a request that died is found out, however often others try the same. When a
 * minute is over, the next listing takes it for dead. So only who is through by then, as every request is 40 s after it
 * began, reserves beside it; who comes later has to wait for that listing.
 */
export async function reservePartitions(
  caller: Caller,
  { id }: Pick<KafkaCluster, 'id'>,
  { name, partitionsCount, isNew }: WantedTopic,
): Promise<number> {
  const known = isNew ? sql`0` : sql`topic.partitions_count`
  const topic = sql`
    INSERT INTO kafka_topics AS topic
      (cluster_id, name, organization_id, partitions_count, replication_factor, reserved_partitions, changed_at)
    SELECT id, ${name}, organization_id, 0, 0, ${partitionsCount}::integer, clock_timestamp() FROM kafka_clusters
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL FOR KEY SHARE
    ON CONFLICT (cluster_id, name) DO UPDATE
      SET reserved_partitions =
            topic.reserved_partitions + greatest(0, excluded.reserved_partitions - ${known}),
          changed_at = CASE WHEN topic.reserved_partitions > 0 THEN topic.changed_at ELSE clock_timestamp() END
      WHERE topic.reserved_partitions = 0 OR topic.changed_at > clock_timestamp() - interval '20 seconds'
    RETURNING organization_id, partitions_count`
  const change = sql`
    SELECT ${topicResource(id, name)}::text AS id, organization_id,
           greatest(0, ${partitionsCount}::integer - ${known}) AS reserved
    FROM topic`
  const [reservation] = await commit<{ reserved: number }>(caller, { topic, change })
  if (reservation === undefined) throw await refusal(caller, id)
  return reservation.reserved
}

/** Has the listing come that is to be waited for: in a large fleet the next one may be hours away. */
async function refusal({ organizationId, scope }: Caller, id: KafkaCluster['id']): Promise<AppError> {
  const [cluster] = await scope.query(sql`
    UPDATE resources SET next_check_at = least(next_check_at, now()) FROM kafka_clusters AS cluster
    WHERE cluster.organization_id = ${organizationId}::uuid AND cluster.id = ${id} AND cluster.deleted_at IS NULL
      AND resources.kind = ${topicsKind} AND resources.id = cluster.id
    RETURNING cluster.id`)
  if (cluster === undefined) return errors.notFound()
  return errors.unavailable('An earlier request for this topic may not be over yet.', 10)
}

/** Whether there was nothing to reserve from, not whether somebody could be asked. */
export const isReservationRefused = (error: unknown): boolean =>
  exceededQuota(error) !== undefined || error instanceof AppError

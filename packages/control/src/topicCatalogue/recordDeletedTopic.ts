import { commit } from '@tributary/database/commit'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { KafkaCluster } from '../kafkaClusters/kafkaCluster.ts'
import { topicResource } from './topicResource.ts'

/**
 * Also of a topic that the catalogue does not know: a listing that began before would bring it in. What was changed since
 * the deletion began may be a new topic of that name, made before this was told: a listing says whether it is.
 */
export async function recordDeletedTopic(
  caller: Caller,
  { id }: Pick<KafkaCluster, 'id'>,
  name: string,
  begunAt: string,
): Promise<void> {
  const isOlder = sql`topic.changed_at IS NULL OR topic.changed_at < ${begunAt}::timestamptz`
  const topic = sql`
    INSERT INTO kafka_topics AS topic
      (cluster_id, name, organization_id, partitions_count, replication_factor, changed_at)
    SELECT id, ${name}, organization_id, 0, 0, clock_timestamp() FROM kafka_clusters
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL FOR KEY SHARE
    ON CONFLICT (cluster_id, name) DO UPDATE
      SET partitions_count = CASE WHEN ${isOlder} THEN 0 ELSE topic.partitions_count END,
          replication_factor = CASE WHEN ${isOlder} THEN 0 ELSE topic.replication_factor END,
          changed_at = excluded.changed_at
    RETURNING organization_id`
  const change = sql`SELECT ${topicResource(id, name)}::text AS id, organization_id FROM topic`
  await commit(caller, { topic, change })
}

import { commit } from '@tributary/database/commit'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { KafkaCluster } from '../kafkaClusters/kafkaCluster.ts'
import { topicResource } from './topicResource.ts'

/** Also of a topic that the catalogue does not know: a listing that began before would bring it in. */
export async function recordDeletedTopic(
  caller: Caller,
  { id }: Pick<KafkaCluster, 'id'>,
  name: string,
): Promise<void> {
  const topic = sql`
    INSERT INTO kafka_topics (cluster_id, name, organization_id, partitions_count, replication_factor, changed_at)
    SELECT id, ${name}, organization_id, 0, 0, clock_timestamp() FROM kafka_clusters
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL FOR KEY SHARE
    ON CONFLICT (cluster_id, name) DO UPDATE
      SET partitions_count = 0, replication_factor = 0, changed_at = excluded.changed_at
    RETURNING organization_id`
  const change = sql`SELECT ${topicResource(id, name)}::text AS id, organization_id FROM topic`
  await commit(caller, { topic, change })
}

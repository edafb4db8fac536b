import type { TopicCatalogueStep } from '@tributary/domain/topicCatalogue/planTopicCatalogue'
import sql from 'sql-template-tag'
import type { Query } from '../access/query.ts'

type Corrections = Extract<TopicCatalogueStep, { do: 'correctCatalogue' }>

/** Writes what a listing knows better, but nothing about what Kafka REST changed since the catalogue was read. */
export async function correctCatalogue(
  query: Query,
  clusterId: string,
  { topics, gone }: Pick<Corrections, 'topics' | 'gone'>,
  readAt: string,
): Promise<void> {
  await query(sql`
    WITH written AS (
      INSERT INTO kafka_topics AS topic (cluster_id, name, organization_id, partitions_count, replication_factor)
      SELECT cluster.id, listed.name, cluster.organization_id, listed.partitions_count, listed.replication_factor
      FROM (SELECT id, organization_id FROM kafka_clusters WHERE id = ${clusterId} AND deleted_at IS NULL FOR KEY SHARE)
        AS cluster,
        unnest(${topics.map(({ name }) => name)}::text[],
               ${topics.map(({ partitionsCount }) => partitionsCount)}::integer[],
               ${topics.map(({ replicationFactor }) => replicationFactor)}::integer[])
        AS listed (name, partitions_count, replication_factor)
      ON CONFLICT (cluster_id, name) DO UPDATE
        SET partitions_count = excluded.partitions_count, replication_factor = excluded.replication_factor,
            reserved_partitions = 0
        WHERE topic.changed_at IS NULL OR topic.changed_at < ${readAt}::timestamptz)
    DELETE FROM kafka_topics
    WHERE cluster_id = ${clusterId} AND name = ANY(${gone}::text[])
      AND (changed_at IS NULL OR changed_at < ${readAt}::timestamptz)`)
}

import type { Database } from '@tributary/database/database'
import type { KafkaClusterId } from '@tributary/domain/ids'
import type { CatalogueEntry } from '@tributary/domain/topicCatalogue/planTopicCatalogue'
import sql from 'sql-template-tag'

/** What is known of the topics of a cluster, and of which of them a listing may know less. */
export function readCatalogue(database: Database, clusterId: KafkaClusterId): Promise<CatalogueEntry[]> {
  return database.query<CatalogueEntry>(sql`
    SELECT name, partitions_count AS "partitionsCount", replication_factor AS "replicationFactor",
           reserved_partitions AS "reservedPartitions", coalesce(changed_at > now() - CASE
             WHEN reserved_partitions > 0 THEN interval '1 minute' ELSE interval '5 seconds' END, false) AS settling
    FROM kafka_topics WHERE cluster_id = ${clusterId}`)
}

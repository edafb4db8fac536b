import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { KafkaCluster } from '../kafkaClusters/kafkaCluster.ts'

interface MadeTopic {
  name: string
  partitionsCount: number
  /** Undefined where it did not change. */
  replicationFactor: number | undefined
}

/**
 * What Kafka made of what was reserved for it. Where that took so long that the reservation is gone, a listing tells, and
 * where another made more of that name meanwhile, this may be what was there before: the more counts until a listing tells.
 */
export async function recordTopic(
  { organizationId, scope }: Pick<Caller, 'organizationId' | 'scope'>,
  { id }: Pick<KafkaCluster, 'id'>,
  { name, partitionsCount, replicationFactor }: MadeTopic,
  reserved: number,
): Promise<void> {
  await scope.query(sql`
    UPDATE kafka_topics
    SET partitions_count = greatest(partitions_count, ${partitionsCount}::integer),
        replication_factor = coalesce(${replicationFactor ?? null}::integer, replication_factor),
        reserved_partitions = greatest(0, reserved_partitions - ${reserved}::integer), changed_at = clock_timestamp()
    WHERE organization_id = ${organizationId}::uuid AND cluster_id = ${id} AND name = ${name}`)
}

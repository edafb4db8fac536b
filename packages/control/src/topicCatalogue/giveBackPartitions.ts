import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { KafkaCluster } from '../kafkaClusters/kafkaCluster.ts'

/** Kafka refused what they were reserved for. */
export async function giveBackPartitions(
  { organizationId, scope }: Pick<Caller, 'organizationId' | 'scope'>,
  { id }: Pick<KafkaCluster, 'id'>,
  name: string,
  reserved: number,
): Promise<void> {
  await scope.query(sql`
    UPDATE kafka_topics SET reserved_partitions = greatest(0, reserved_partitions - ${reserved}::integer)
    WHERE organization_id = ${organizationId}::uuid AND cluster_id = ${id} AND name = ${name}`)
}

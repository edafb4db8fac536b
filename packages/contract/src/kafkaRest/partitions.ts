import { z } from 'zod'
import { listOf, Related, ResourceMetadata } from './objects.ts'

/** Partitions of Kafka REST v3. */

/** A partition has less than this number, and the path holds it as text. */
export const PartitionId = z
  .string()
  .regex(/^\d{1,9}$/, 'must be the number of a partition')
  .transform(Number)

export const Partition = z
  .object({
    kind: z.literal('KafkaPartition'),
    metadata: ResourceMetadata,
    cluster_id: z.string(),
    topic_name: z.string(),
    partition_id: z.int(),
    /** Absent while the partition has none. */
    leader: Related.exactOptional(),
    replicas: Related,
    reassignment: Related,
  })
  .meta({ id: 'KafkaPartition' })

export const PartitionList = listOf('KafkaPartitionList', Partition)

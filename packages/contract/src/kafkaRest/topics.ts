import { z } from 'zod'
import { ConfigName, ConfigText } from './configs.ts'
import { listOf, Related, ResourceMetadata } from './objects.ts'

/** Topics of Kafka REST v3. */

export const TopicName = z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'must be a topic name')

const PartitionsCount = z.int().min(1).max(10_000)

export const CreateTopic = z.object({
  topic_name: TopicName,
  partitions_count: PartitionsCount.exactOptional(),
  replication_factor: z.int().min(1).max(32_767).exactOptional(),
  configs: z
    .array(z.object({ name: ConfigName, value: ConfigText.nullish() }))
    .max(200)
    .default([]),
  /** Says whether it would succeed, and makes nothing. */
  validate_only: z.boolean().default(false),
})

export const UpdatePartitionCount = z.object({ partitions_count: PartitionsCount })

export const Topic = z
  .object({
    kind: z.literal('KafkaTopic'),
    metadata: ResourceMetadata,
    cluster_id: z.string(),
    topic_name: z.string(),
    is_internal: z.boolean(),
    replication_factor: z.int(),
    partitions_count: z.int(),
    partitions: Related,
    configs: Related,
    partition_reassignments: Related,
    authorized_operations: z.array(z.string()),
  })
  .meta({ id: 'KafkaTopic' })

export const TopicList = listOf('KafkaTopicList', Topic)

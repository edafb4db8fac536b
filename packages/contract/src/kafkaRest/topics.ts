import { z } from 'zod'

/** Topics of Kafka REST v3. */

export const TopicName = z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'must be a topic name')

const Related = z.object({ related: z.string() })

export const CreateTopic = z.object({
  topic_name: TopicName,
  partitions_count: z.int().min(1).max(10_000).exactOptional(),
  replication_factor: z.int().min(1).max(32_767).exactOptional(),
  configs: z
    .array(z.object({ name: z.string().min(1).max(255), value: z.string().max(1000).nullish() }))
    .max(200)
    .default([]),
  /** Trying a topic out without making it is not built: what asks for it must not get a topic. */
  validate_only: z.literal(false).exactOptional(),
})

export const Topic = z
  .object({
    kind: z.literal('KafkaTopic'),
    metadata: z.object({ self: z.string(), resource_name: z.string() }),
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

export const TopicList = z.object({
  kind: z.literal('KafkaTopicList'),
  metadata: z.object({ self: z.string(), next: z.null() }),
  data: z.array(Topic),
})

import { z } from 'zod'

/** Consumer groups of Kafka REST v3: their consumers, and how far behind they are. */

/** Kafka takes any text as the name of a group. */
export const ConsumerGroupId = z.string().min(1).max(249)

const Related = z.object({ related: z.string() })
const Metadata = z.object({ self: z.string(), resource_name: z.string() })

const listOf = <Kind extends string, Item extends z.ZodType>(kind: Kind, item: Item) =>
  z.object({
    kind: z.literal(kind),
    metadata: z.object({ self: z.string(), next: z.null() }),
    data: z.array(item),
  })

export const ConsumerGroup = z
  .object({
    kind: z.literal('KafkaConsumerGroup'),
    metadata: Metadata,
    cluster_id: z.string(),
    consumer_group_id: z.string(),
    is_simple: z.boolean(),
    partition_assignor: z.string(),
    state: z.string(),
    type: z.string(),
    is_mixed_consumer_group: z.boolean(),
    coordinator: Related,
    consumers: Related,
    lag_summary: Related,
  })
  .meta({ id: 'KafkaConsumerGroup' })

export const ConsumerGroupList = listOf('KafkaConsumerGroupList', ConsumerGroup)

export const Consumer = z
  .object({
    kind: z.literal('KafkaConsumer'),
    metadata: Metadata,
    cluster_id: z.string(),
    consumer_group_id: z.string(),
    consumer_id: z.string(),
    instance_id: z.string().nullable(),
    client_id: z.string(),
    assignments: Related,
  })
  .meta({ id: 'KafkaConsumer' })

export const ConsumerList = listOf('KafkaConsumerList', Consumer)

export const ConsumerAssignment = z
  .object({
    kind: z.literal('KafkaConsumerAssignment'),
    metadata: Metadata,
    cluster_id: z.string(),
    consumer_group_id: z.string(),
    consumer_id: z.string(),
    topic_name: z.string(),
    partition_id: z.int(),
    partition: Related,
    lag: Related,
  })
  .meta({ id: 'KafkaConsumerAssignment' })

export const ConsumerAssignmentList = listOf('KafkaConsumerAssignmentList', ConsumerAssignment)

export const ConsumerLag = z
  .object({
    kind: z.literal('KafkaConsumerLag'),
    metadata: Metadata,
    cluster_id: z.string(),
    consumer_group_id: z.string(),
    topic_name: z.string(),
    partition_id: z.int(),
    current_offset: z.int(),
    log_end_offset: z.int(),
    lag: z.int(),
    consumer_id: z.string(),
    instance_id: z.string().nullable(),
    client_id: z.string(),
  })
  .meta({ id: 'KafkaConsumerLag' })

export const ConsumerLagList = listOf('KafkaConsumerLagList', ConsumerLag)

export const ConsumerGroupLagSummary = z
  .object({
    kind: z.literal('KafkaConsumerGroupLagSummary'),
    metadata: Metadata,
    cluster_id: z.string(),
    consumer_group_id: z.string(),
    max_lag_consumer_id: z.string(),
    max_lag_instance_id: z.string().nullable(),
    max_lag_client_id: z.string(),
    max_lag_topic_name: z.string(),
    max_lag_partition_id: z.int(),
    max_lag: z.int(),
    total_lag: z.int(),
    max_lag_consumer: Related,
    max_lag_partition: Related,
  })
  .meta({ id: 'KafkaConsumerGroupLagSummary' })

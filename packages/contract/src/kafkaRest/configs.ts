import { z } from 'zod'

/** Configs of topics, and those of all brokers together, of Kafka REST v3. */

export const ConfigName = z.string().min(1).max(255)
export const ConfigText = z.string().max(1000)

export const UpdateConfig = z.object({ value: ConfigText })

const ConfigChange = z
  .object({
    name: ConfigName,
    value: ConfigText.nullish(),
    operation: z.enum(['SET', 'DELETE']).nullish(),
  })
  .refine(({ value, operation }) => operation === 'DELETE' || typeof value === 'string', {
    path: ['value'],
    message: 'must be given, unless the operation is DELETE',
  })

export const AlterConfigs = z.object({
  data: z.array(ConfigChange).max(200),
  /** Says whether it would succeed, and changes nothing. */
  validate_only: z.boolean().default(false),
})

const ConfigValue = z.object({ name: z.string(), value: z.string().nullable(), source: z.string() })

const Config = z.object({
  metadata: z.object({ self: z.string(), resource_name: z.string() }),
  cluster_id: z.string(),
  ...ConfigValue.shape,
  is_default: z.boolean(),
  is_read_only: z.boolean(),
  is_sensitive: z.boolean(),
  synonyms: z.array(ConfigValue),
})

const ListMetadata = z.object({ self: z.string(), next: z.null() })

export const TopicConfig = z
  .object({ kind: z.literal('KafkaTopicConfig'), ...Config.shape, topic_name: z.string() })
  .meta({ id: 'KafkaTopicConfig' })

export const TopicConfigList = z.object({
  kind: z.literal('KafkaTopicConfigList'),
  metadata: ListMetadata,
  data: z.array(TopicConfig),
})

export const ClusterConfig = z
  .object({ kind: z.literal('KafkaClusterConfig'), ...Config.shape, config_type: z.literal('BROKER') })
  .meta({ id: 'KafkaClusterConfig' })

export const ClusterConfigList = z.object({
  kind: z.literal('KafkaClusterConfigList'),
  metadata: ListMetadata,
  data: z.array(ClusterConfig),
})

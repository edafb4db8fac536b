import { z } from 'zod'
import { listOf, ResourceMetadata } from './objects.ts'

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
  metadata: ResourceMetadata,
  cluster_id: z.string(),
  ...ConfigValue.shape,
  is_default: z.boolean(),
  is_read_only: z.boolean(),
  is_sensitive: z.boolean(),
  synonyms: z.array(ConfigValue),
})

export const TopicConfig = z
  .object({ kind: z.literal('KafkaTopicConfig'), ...Config.shape, topic_name: z.string() })
  .meta({ id: 'KafkaTopicConfig' })

export const TopicConfigList = listOf('KafkaTopicConfigList', TopicConfig)

export const ClusterConfig = z
  .object({ kind: z.literal('KafkaClusterConfig'), ...Config.shape, config_type: z.literal('BROKER') })
  .meta({ id: 'KafkaClusterConfig' })

export const ClusterConfigList = listOf('KafkaClusterConfigList', ClusterConfig)

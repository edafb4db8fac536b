import type { ClusterConfig, TopicConfig } from '@tributary/contract/kafkaRest/configs'
import type { Config } from '@tributary/kafka/configs'
import type { z } from 'zod'

export function renderTopicConfig(
  publicUrl: string,
  clusterId: string,
  topic: string,
  config: Config,
): z.input<typeof TopicConfig> {
  return {
    kind: 'KafkaTopicConfig',
    metadata: {
      self: `${publicUrl}/kafka/v3/clusters/${clusterId}/topics/${topic}/configs/${config.name}`,
      resource_name: `crn:///kafka=${clusterId}/topic=${topic}/config=${config.name}`,
    },
    cluster_id: clusterId,
    topic_name: topic,
    ...fields(config),
  }
}

export function renderClusterConfig(
  publicUrl: string,
  clusterId: string,
  config: Config,
): z.input<typeof ClusterConfig> {
  return {
    kind: 'KafkaClusterConfig',
    metadata: {
      self: `${publicUrl}/kafka/v3/clusters/${clusterId}/broker-configs/${config.name}`,
      resource_name: `crn:///kafka=${clusterId}/broker-config=${config.name}`,
    },
    cluster_id: clusterId,
    config_type: 'BROKER',
    ...fields(config),
  }
}

const fields = ({ name, value, source, isReadOnly, isSensitive, synonyms }: Config) => ({
  name,
  value,
  source,
  is_default: source === 'DEFAULT_CONFIG',
  is_read_only: isReadOnly,
  is_sensitive: isSensitive,
  synonyms,
})

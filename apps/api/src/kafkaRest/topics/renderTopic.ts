import type { Topic as TopicReply } from '@tributary/contract/kafkaRest/topics'
import type { Topic } from '@tributary/kafka/topics'
import type { z } from 'zod'

export function renderTopic(
  publicUrl: string,
  clusterId: string,
  topic: Topic,
  authorizedOperations: string[] = [],
): z.input<typeof TopicReply> {
  const self = `${publicUrl}/kafka/v3/clusters/${clusterId}/topics/${topic.name}`
  return {
    kind: 'KafkaTopic',
    metadata: { self, resource_name: `crn:///kafka=${clusterId}/topic=${topic.name}` },
    cluster_id: clusterId,
    topic_name: topic.name,
    is_internal: topic.isInternal,
    replication_factor: topic.replicationFactor,
    partitions_count: topic.partitionsCount,
    partitions: { related: `${self}/partitions` },
    configs: { related: `${self}/configs` },
    partition_reassignments: { related: `${self}/partitions/-/reassignment` },
    authorized_operations: authorizedOperations,
  }
}

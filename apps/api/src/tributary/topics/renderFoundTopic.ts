import type { FoundTopicList } from '@tributary/contract/tributary/topics'
import type { FoundTopic } from '@tributary/control/topicCatalogue/searchTopics'
import type { z } from 'zod'
import { clusterReference, environmentReference } from '../../cloud/references.ts'

export function renderFoundTopic(
  publicUrl: string,
  { organization_id, environment_id, cluster_id, name, partitions_count, replication_factor }: FoundTopic,
): z.input<typeof FoundTopicList>['data'][number] {
  return {
    topic_name: name,
    partitions_count,
    replication_factor,
    kafka_cluster: clusterReference(publicUrl, organization_id, environment_id, cluster_id),
    environment: environmentReference(publicUrl, organization_id, environment_id),
  }
}

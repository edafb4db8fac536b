import type { ConsumerAssignment } from '@tributary/contract/kafkaRest/consumerGroups'
import type { z } from 'zod'
import { groupLinks } from './groupLinks.ts'

export function renderAssignment(
  publicUrl: string,
  path: { cluster_id: string; consumer_group_id: string; consumer_id: string },
  { topic, partition }: { topic: string; partition: number },
): z.input<typeof ConsumerAssignment> {
  const { cluster_id, consumer_group_id, consumer_id } = path
  const links = groupLinks(publicUrl, cluster_id, consumer_group_id)
  return {
    kind: 'KafkaConsumerAssignment',
    metadata: {
      self: `${links.assignments(consumer_id)}/${topic}/partitions/${partition}`,
      resource_name: `${links.name}/consumer=${consumer_id}/assignment=${topic}/partition=${partition}`,
    },
    cluster_id,
    consumer_group_id,
    consumer_id,
    topic_name: topic,
    partition_id: partition,
    partition: { related: links.partition(topic, partition) },
    lag: { related: links.lag(topic, partition) },
  }
}

import type { Partition as PartitionReply } from '@tributary/contract/kafkaRest/partitions'
import type { Partition } from '@tributary/kafka/topics'
import type { z } from 'zod'

export function renderPartition(
  publicUrl: string,
  clusterId: string,
  topic: string,
  { id, leader }: Partition,
): z.input<typeof PartitionReply> {
  const self = `${publicUrl}/kafka/v3/clusters/${clusterId}/topics/${topic}/partitions/${id}`
  return {
    kind: 'KafkaPartition',
    metadata: { self, resource_name: `crn:///kafka=${clusterId}/topic=${topic}/partition=${id}` },
    cluster_id: clusterId,
    topic_name: topic,
    partition_id: id,
    ...(leader !== undefined && { leader: { related: `${self}/replicas/${leader}` } }),
    replicas: { related: `${self}/replicas` },
    reassignment: { related: `${self}/reassignment` },
  }
}

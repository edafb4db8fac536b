import type { ConsumerLag as LagReply } from '@tributary/contract/kafkaRest/consumerGroups'
import type { ConsumerLag } from '@tributary/kafka/consumerLags'
import type { z } from 'zod'
import { groupLinks } from './groupLinks.ts'

export function renderLag(
  publicUrl: string,
  clusterId: string,
  groupId: string,
  lag: ConsumerLag,
): z.input<typeof LagReply> {
  const links = groupLinks(publicUrl, clusterId, groupId)
  return {
    kind: 'KafkaConsumerLag',
    metadata: {
      self: links.lag(lag.topic, lag.partition),
      resource_name: `${links.name}/lag=${lag.topic}/partition=${lag.partition}`,
    },
    cluster_id: clusterId,
    consumer_group_id: groupId,
    topic_name: lag.topic,
    partition_id: lag.partition,
    current_offset: lag.currentOffset,
    log_end_offset: lag.logEndOffset,
    lag: lag.lag,
    ...renderOwner(lag),
  }
}

/** Empty where the partition is assigned to nobody: the fields are required. */
export const renderOwner = ({ consumer }: ConsumerLag) => ({
  consumer_id: consumer?.id ?? '',
  instance_id: consumer?.instanceId ?? null,
  client_id: consumer?.clientId ?? '',
})

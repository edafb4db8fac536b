import type {
  Consumer as ConsumerReply,
  ConsumerGroup as GroupReply,
} from '@tributary/contract/kafkaRest/consumerGroups'
import type { Consumer, ConsumerGroup } from '@tributary/kafka/consumerGroups'
import type { z } from 'zod'
import { groupLinks } from './groupLinks.ts'

export function renderGroup(publicUrl: string, clusterId: string, group: ConsumerGroup): z.input<typeof GroupReply> {
  const links = groupLinks(publicUrl, clusterId, group.id)
  return {
    kind: 'KafkaConsumerGroup',
    metadata: { self: links.group, resource_name: links.name },
    cluster_id: clusterId,
    consumer_group_id: group.id,
    is_simple: group.isSimple,
    partition_assignor: group.assignor,
    state: group.state,
    type: group.type,
    is_mixed_consumer_group: group.isMixed,
    coordinator: { related: `${links.cluster}/brokers/${group.coordinator}` },
    consumers: { related: `${links.group}/consumers` },
    lag_summary: { related: `${links.group}/lag-summary` },
  }
}

export function renderConsumer(
  publicUrl: string,
  clusterId: string,
  groupId: string,
  consumer: Consumer,
): z.input<typeof ConsumerReply> {
  const links = groupLinks(publicUrl, clusterId, groupId)
  return {
    kind: 'KafkaConsumer',
    metadata: { self: links.consumer(consumer.id), resource_name: `${links.name}/consumer=${consumer.id}` },
    cluster_id: clusterId,
    consumer_group_id: groupId,
    consumer_id: consumer.id,
    instance_id: consumer.instanceId,
    client_id: consumer.clientId,
    assignments: { related: links.assignments(consumer.id) },
  }
}

import { ConsumerList } from '@tributary/contract/kafkaRest/consumerGroups'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { existingGroup, GroupPath } from './groupClient.ts'
import { groupLinks } from './groupLinks.ts'
import { renderConsumer } from './renderGroup.ts'

export const listConsumers = operation({
  id: 'listKafkaConsumers',
  summary: 'List the consumers of a group',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/consumer-groups/{consumer_group_id}/consumers',
  envelope: 'kafkaRest',
  access: 'broker',
  params: GroupPath,
  reply: { status: 200, body: ConsumerList },
  target: clusterClient,
  handle: async ({ params, target: { cluster, connection } }, { publicUrl }) => {
    const { id, consumers } = await existingGroup(connection, params.consumer_group_id)
    return {
      kind: 'KafkaConsumerList' as const,
      metadata: { self: `${groupLinks(publicUrl, cluster.id, id).group}/consumers`, next: null },
      data: consumers.map((consumer) => renderConsumer(publicUrl, cluster.id, id, consumer)),
    }
  },
})

import { ConsumerGroup } from '@tributary/contract/kafkaRest/consumerGroups'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { existingGroup, GroupPath } from './groupClient.ts'
import { renderGroup } from './renderGroup.ts'

export const getGroup = operation({
  id: 'getKafkaConsumerGroup',
  summary: 'Read a consumer group',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/consumer-groups/{consumer_group_id}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: GroupPath,
  reply: { status: 200, body: ConsumerGroup },
  target: clusterClient,
  handle: async ({ params, target: { cluster, connection } }, { publicUrl }) =>
    renderGroup(publicUrl, cluster.id, await existingGroup(connection, params.consumer_group_id)),
})

import { Consumer } from '@tributary/contract/kafkaRest/consumerGroups'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { ConsumerPath, existingConsumer } from './consumerClient.ts'
import { renderConsumer } from './renderGroup.ts'

export const getConsumer = operation({
  id: 'getKafkaConsumer',
  summary: 'Read a consumer of a group',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/consumer-groups/{consumer_group_id}/consumers/{consumer_id}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ConsumerPath,
  reply: { status: 200, body: Consumer },
  target: clusterClient,
  handle: async ({ params, target: { cluster, connection } }, { publicUrl }) =>
    renderConsumer(publicUrl, cluster.id, params.consumer_group_id, await existingConsumer(connection, params)),
})

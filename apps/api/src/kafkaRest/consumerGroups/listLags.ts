import { ConsumerLagList } from '@tributary/contract/kafkaRest/consumerGroups'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { GroupPath, lagsOf } from './groupClient.ts'
import { groupLinks } from './groupLinks.ts'
import { renderLag } from './renderLag.ts'

export const listLags = operation({
  id: 'listKafkaConsumerLags',
  summary: 'List how far a group is behind in each partition that it has committed offsets of',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/consumer-groups/{consumer_group_id}/lags',
  envelope: 'kafkaRest',
  access: 'broker',
  params: GroupPath,
  reply: { status: 200, body: ConsumerLagList },
  target: clusterClient,
  handle: async ({ params, target: { cluster, connection } }, { publicUrl }) => {
    const groupId = params.consumer_group_id
    const lags = await lagsOf(connection, groupId)
    return {
      kind: 'KafkaConsumerLagList' as const,
      metadata: { self: `${groupLinks(publicUrl, cluster.id, groupId).group}/lags`, next: null },
      data: lags.map((lag) => renderLag(publicUrl, cluster.id, groupId, lag)),
    }
  },
})

import { ConsumerGroupList } from '@tributary/contract/kafkaRest/consumerGroups'
import { listConsumerGroups } from '@tributary/kafka/consumerGroups'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderGroup } from './renderGroup.ts'

export const listGroups = operation({
  id: 'listKafkaConsumerGroups',
  summary: 'List the consumer groups that the key may describe',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/consumer-groups',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  reply: { status: 200, body: ConsumerGroupList },
  target: clusterClient,
  handle: async ({ target: { cluster, connection } }, { publicUrl }) => {
    const groups = await listConsumerGroups(connection).catch(asKafkaRestError)
    return {
      kind: 'KafkaConsumerGroupList' as const,
      metadata: { self: `${publicUrl}/kafka/v3/clusters/${cluster.id}/consumer-groups`, next: null },
      data: groups.map((group) => renderGroup(publicUrl, cluster.id, group)),
    }
  },
})

import { ConsumerGroupLagSummary } from '@tributary/contract/kafkaRest/consumerGroups'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { GroupPath, lagsOf } from './groupClient.ts'
import { groupLinks } from './groupLinks.ts'
import { renderOwner } from './renderLag.ts'

export const getLagSummary = operation({
  id: 'getKafkaConsumerGroupLagSummary',
  summary: 'Read how far a group is behind in all, and where most',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/consumer-groups/{consumer_group_id}/lag-summary',
  envelope: 'kafkaRest',
  access: 'broker',
  params: GroupPath,
  reply: { status: 200, body: ConsumerGroupLagSummary },
  target: clusterClient,
  handle: async ({ params, target: { cluster, connection } }, { publicUrl }) => {
    const groupId = params.consumer_group_id
    const lags = await lagsOf(connection, groupId)
    const most = lags.toSorted((a, b) => b.lag - a.lag)[0]
    if (most === undefined) throw kafkaRestErrors.noCommittedOffset()
    const links = groupLinks(publicUrl, cluster.id, groupId)
    const owner = renderOwner(most)
    return {
      kind: 'KafkaConsumerGroupLagSummary' as const,
      metadata: { self: `${links.group}/lag-summary`, resource_name: `${links.name}/lag-summary` },
      cluster_id: cluster.id,
      consumer_group_id: groupId,
      max_lag_consumer_id: owner.consumer_id,
      max_lag_instance_id: owner.instance_id,
      max_lag_client_id: owner.client_id,
      max_lag_topic_name: most.topic,
      max_lag_partition_id: most.partition,
      max_lag: most.lag,
      total_lag: lags.reduce((sum, { lag }) => sum + lag, 0),
      max_lag_consumer: { related: links.consumer(owner.consumer_id) },
      max_lag_partition: { related: links.partition(most.topic, most.partition) },
    }
  },
})

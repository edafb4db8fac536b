import { ConsumerLag } from '@tributary/contract/kafkaRest/consumerGroups'
import { TopicName } from '@tributary/contract/kafkaRest/topics'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { z } from 'zod'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { GroupPath, lagsOf } from './groupClient.ts'
import { renderLag } from './renderLag.ts'

export const getLag = operation({
  id: 'getKafkaConsumerLag',
  summary: 'Read how far a group is behind in a partition',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/consumer-groups/{consumer_group_id}/lags/{topic_name}/partitions/{partition_id}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: GroupPath.extend({
    topic_name: TopicName,
    partition_id: z.coerce
      .number()
      .int()
      .min(0)
      .max(2 ** 31 - 1),
  }),
  reply: { status: 200, body: ConsumerLag },
  target: clusterClient,
  handle: async ({ params, target: { cluster, connection } }, { publicUrl }) => {
    const partition = { topic: params.topic_name, partition: params.partition_id }
    const [lag] = await lagsOf(connection, params.consumer_group_id, partition)
    if (lag === undefined) throw kafkaRestErrors.noCommittedOffset()
    return renderLag(publicUrl, cluster.id, params.consumer_group_id, lag)
  },
})

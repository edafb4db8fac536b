import { ConsumerAssignment } from '@tributary/contract/kafkaRest/consumerGroups'
import { TopicName } from '@tributary/contract/kafkaRest/topics'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { z } from 'zod'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { ConsumerPath, existingConsumer } from './consumerClient.ts'
import { renderAssignment } from './renderAssignment.ts'

/** Assignments link to themselves; the public document does not describe it. */
export const getAssignment = operation({
  id: 'getKafkaConsumerAssignment',
  summary: 'Read the assignment of a partition to a consumer',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/consumer-groups/{consumer_group_id}/consumers/{consumer_id}/assignments/{topic_name}/partitions/{partition_id}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ConsumerPath.extend({ topic_name: TopicName, partition_id: z.coerce.number().int().min(0) }),
  reply: { status: 200, body: ConsumerAssignment },
  target: clusterClient,
  handle: async ({ params, target: { connection } }, { publicUrl }) => {
    const { assignments } = await existingConsumer(connection, params)
    const found = assignments.find(
      ({ topic, partition }) => topic === params.topic_name && partition === params.partition_id,
    )
    if (found === undefined) throw kafkaRestErrors.noSuchAssignment()
    return renderAssignment(publicUrl, params, found)
  },
})

import { ConsumerAssignmentList } from '@tributary/contract/kafkaRest/consumerGroups'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { ConsumerPath, existingConsumer } from './consumerClient.ts'
import { groupLinks } from './groupLinks.ts'
import { renderAssignment } from './renderAssignment.ts'

/** Consumers link to it; the public document does not describe it. */
export const listAssignments = operation({
  id: 'listKafkaConsumerAssignments',
  summary: 'List the partitions that are assigned to a consumer',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/consumer-groups/{consumer_group_id}/consumers/{consumer_id}/assignments',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ConsumerPath,
  reply: { status: 200, body: ConsumerAssignmentList },
  target: clusterClient,
  handle: async ({ params, target: { cluster, connection } }, { publicUrl }) => {
    const { assignments } = await existingConsumer(connection, params)
    const links = groupLinks(publicUrl, cluster.id, params.consumer_group_id)
    return {
      kind: 'KafkaConsumerAssignmentList' as const,
      metadata: { self: links.assignments(params.consumer_id), next: null },
      data: assignments.map((assignment) => renderAssignment(publicUrl, params, assignment)),
    }
  },
})

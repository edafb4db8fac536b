import { ConsumerGroupId } from '@tributary/contract/kafkaRest/consumerGroups'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import type { KafkaConnection } from '@tributary/kafka/connection'
import { describeConsumerGroup, type ConsumerGroup } from '@tributary/kafka/consumerGroups'
import { listConsumerLags, type ConsumerLag } from '@tributary/kafka/consumerLags'
import { ClusterPath } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'

export const GroupPath = ClusterPath.extend({ consumer_group_id: ConsumerGroupId })

/** The group, or a 404. */
export async function existingGroup(connection: KafkaConnection, id: string): Promise<ConsumerGroup> {
  const group = await describeConsumerGroup(connection, id).catch(asKafkaRestError)
  if (group === undefined) throw kafkaRestErrors.noSuchGroup()
  return group
}

/** How far the group is behind, or a 404 where there is no such group. */
export async function lagsOf(
  connection: KafkaConnection,
  groupId: string,
  only?: { topic: string; partition: number },
): Promise<ConsumerLag[]> {
  const lags = await listConsumerLags(connection, groupId, only).catch(asKafkaRestError)
  if (lags === undefined) throw kafkaRestErrors.noSuchGroup()
  return lags
}

import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import type { KafkaConnection } from '@tributary/kafka/connection'
import type { Consumer } from '@tributary/kafka/consumerGroups'
import { z } from 'zod'
import { existingGroup, GroupPath } from './groupClient.ts'

export const ConsumerPath = GroupPath.extend({ consumer_id: z.string().min(1) })

/** A member of the group, or a 404. */
export async function existingConsumer(
  connection: KafkaConnection,
  path: z.output<typeof ConsumerPath>,
): Promise<Consumer> {
  const { consumers } = await existingGroup(connection, path.consumer_group_id)
  const consumer = consumers.find(({ id }) => id === path.consumer_id)
  if (consumer === undefined) throw kafkaRestErrors.noSuchMember()
  return consumer
}

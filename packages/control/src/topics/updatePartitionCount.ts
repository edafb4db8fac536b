import { isRefusal } from '@tributary/kafka/kafkaErrors'
import { createPartitions, describeTopic, type Topic } from '@tributary/kafka/topics'
import type { Caller } from '../caller.ts'
import { giveBackPartitions } from '../topicCatalogue/giveBackPartitions.ts'
import { recordTopic } from '../topicCatalogue/recordTopic.ts'
import { isReservationRefused, reservePartitions } from '../topicCatalogue/reservePartitions.ts'
import type { ClusterClient } from './clientConnection.ts'
import { untilSeen } from './untilSeen.ts'

/**
 * The topic with its new count; undefined where there is none, or it was deleted meanwhile. Throws what the broker says
 * against it, and what the quota on partitions does.
 */
export async function updatePartitionCount(
  caller: Caller,
  { cluster, connection }: ClusterClient,
  name: string,
  count: number,
): Promise<Topic | undefined> {
  let reserved: number
  try {
    reserved = await reservePartitions(caller, cluster, { name, partitionsCount: count, isNew: false })
  } catch (error) {
    // A topic that is not there, or that the caller may not see, has no quota to speak of.
    if (isReservationRefused(error) && (await describeTopic(connection, name)) === undefined) return undefined
    throw error
  }
  try {
    await createPartitions(connection, name, count)
  } catch (error) {
    if (isRefusal(error)) await giveBackPartitions(caller, cluster, name, reserved)
    throw error
  }
  await untilSeen(async () => ((await describeTopic(connection, name))?.partitionsCount ?? count) >= count)
  await recordTopic(caller, cluster, { name, partitionsCount: count, replicationFactor: undefined }, reserved)
  return describeTopic(connection, name)
}

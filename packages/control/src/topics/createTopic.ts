import { isRefusal } from '@tributary/kafka/kafkaErrors'
import { createTopic as create, describeTopic, type NewTopic, type Topic } from '@tributary/kafka/topics'
import type { Caller } from '../caller.ts'
import { giveBackPartitions } from '../topicCatalogue/giveBackPartitions.ts'
import { recordTopic } from '../topicCatalogue/recordTopic.ts'
import { isReservationRefused, reservePartitions } from '../topicCatalogue/reservePartitions.ts'
import type { ClusterClient } from './clientConnection.ts'
import { untilSeen } from './untilSeen.ts'

/**
 * Makes a topic, or with `validateOnly` says what it would be. Throws what the broker says against it, and where that is
 * nothing, what the quota on partitions does.
 */
export async function createTopic(
  caller: Caller,
  { cluster, connection }: ClusterClient,
  topic: NewTopic,
  { validateOnly }: { validateOnly: boolean },
): Promise<Topic> {
  if (validateOnly) return create(connection, topic, { validateOnly })
  const { name, partitions = 1 } = topic
  const wanted = { name, partitionsCount: partitions, isNew: true }
  const reserved = await reservePartitions(caller, cluster, wanted).catch(async (error: unknown) => {
    if (isReservationRefused(error)) await create(connection, topic, { validateOnly: true })
    throw error
  })
  let created: Topic
  try {
    created = await create(connection, topic, { validateOnly })
  } catch (error) {
    if (isRefusal(error)) await giveBackPartitions(caller, cluster, name, reserved)
    throw error
  }
  await untilSeen(async () => {
    const seen = await describeTopic(connection, name)
    created = seen ?? created
    return seen !== undefined
  })
  await recordTopic(caller, cluster, atLeastOne(created), reserved)
  return created
}

/** Counts are 0 where the caller may not know them: until the next listing they are the fewest that there can be. */
const atLeastOne = ({ name, partitionsCount, replicationFactor }: Topic) => ({
  name,
  partitionsCount: Math.max(1, partitionsCount),
  replicationFactor: Math.max(1, replicationFactor),
})

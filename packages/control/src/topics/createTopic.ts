import { createTopic as create, describeTopic, type NewTopic, type Topic } from '@tributary/kafka/topics'
import type { ClusterClient } from './clientConnection.ts'
import { untilSeen } from './untilSeen.ts'

/** Makes a topic, or with `validateOnly` says what it would be. Throws what the broker says against it. */
export async function createTopic(
  { connection }: ClusterClient,
  topic: NewTopic,
  options: { validateOnly: boolean },
): Promise<Topic> {
  let created: Topic = await create(connection, topic, options)
  if (options.validateOnly) return created
  await untilSeen(async () => {
    const seen = await describeTopic(connection, topic.name)
    created = seen ?? created
    return seen !== undefined
  })
  return created
}

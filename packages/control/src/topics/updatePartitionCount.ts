import { createPartitions, describeTopic, type Topic } from '@tributary/kafka/topics'
import type { ClusterClient } from './clientConnection.ts'
import { untilSeen } from './untilSeen.ts'

/** The topic with its new count; undefined where it was deleted meanwhile. Throws what the broker says against it. */
export async function updatePartitionCount(
  { connection }: ClusterClient,
  name: string,
  count: number,
): Promise<Topic | undefined> {
  await createPartitions(connection, name, count)
  await untilSeen(async () => ((await describeTopic(connection, name))?.partitionsCount ?? count) >= count)
  return describeTopic(connection, name)
}

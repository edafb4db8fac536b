import { deleteTopic as remove, describeTopic } from '@tributary/kafka/topics'
import type { ClusterClient } from './clientConnection.ts'
import { untilSeen } from './untilSeen.ts'

/** Throws what the broker says against it. */
export async function deleteTopic({ connection }: ClusterClient, name: string): Promise<void> {
  await remove(connection, name)
  await untilSeen(async () => (await describeTopic(connection, name)) === undefined)
}

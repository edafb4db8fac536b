import { deleteTopic as remove, describeTopic } from '@tributary/kafka/topics'
import type { Caller } from '../caller.ts'
import { databaseTime } from '../topicCatalogue/databaseTime.ts'
import { recordDeletedTopic } from '../topicCatalogue/recordDeletedTopic.ts'
import type { ClusterClient } from './clientConnection.ts'
import { untilSeen } from './untilSeen.ts'

/** Throws what the broker says against it. */
export async function deleteTopic(caller: Caller, { cluster, connection }: ClusterClient, name: string): Promise<void> {
  const begunAt = await databaseTime((statement) => caller.scope.query(statement))
  await remove(connection, name)
  await untilSeen(async () => (await describeTopic(connection, name)) === undefined)
  await recordDeletedTopic(caller, cluster, name, begunAt)
}

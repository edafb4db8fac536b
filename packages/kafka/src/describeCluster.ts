import { withAdmin, type KafkaConnection } from './connection.ts'

/** What any principal that the cluster lets in may know of it. */
export function describeCluster(connection: KafkaConnection): Promise<{ controllerId: number }> {
  return withAdmin(connection, async (admin) => {
    const { controllerId } = await admin.metadata({ topics: [], forceUpdate: true })
    return { controllerId }
  })
}

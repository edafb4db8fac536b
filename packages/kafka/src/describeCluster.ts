import { metadataV12 } from '@platformatic/kafka'
import { askBroker, type KafkaConnection } from './connection.ts'

/** What any principal that the cluster lets in may know of it. */
export async function describeCluster(connection: KafkaConnection): Promise<{ controllerId: number }> {
  const { controllerId } = await askBroker(connection, (broker) => metadataV12.api.async(broker, [], false, false))
  return { controllerId }
}

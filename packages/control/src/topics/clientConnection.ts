import type { KafkaClusterId } from '@tributary/domain/ids'
import { errors } from '@tributary/domain/errors'
import type { AdminClients, KafkaConnection } from '@tributary/kafka/connection'
import type { Caller } from '../caller.ts'
import type { Installation } from '../installation.ts'
import { findKafkaCluster } from '../kafkaClusters/findKafkaCluster.ts'
import type { KafkaCluster } from '../kafkaClusters/kafkaCluster.ts'

/** Kafka REST acts as its caller: with the caller's own key, from outside. Only the broker authorises. */
export interface ClusterClient {
  cluster: KafkaCluster
  connection: KafkaConnection
}

export async function clientConnection(
  caller: Pick<Caller, 'organizationId' | 'scope'>,
  apiKey: { id: string; secret: string },
  clusterId: KafkaClusterId,
  { authority }: Installation,
  clients: AdminClients,
): Promise<ClusterClient | undefined> {
  const cluster = await findKafkaCluster(caller, clusterId)
  if (cluster === undefined) return undefined
  if (cluster.bootstrap_endpoint === null) throw errors.unavailable('This cluster is still being provisioned.', 5)
  return {
    cluster,
    connection: {
      clientId: 'tributary-kafka-rest',
      bootstrap: cluster.bootstrap_endpoint.split(',').map(address),
      tls: { ca: authority.certificatePem },
      sasl: { mechanism: 'PLAIN', username: apiKey.id, password: apiKey.secret },
      clients,
    },
  }
}

function address(hostAndPort: string) {
  const separator = hostAndPort.lastIndexOf(':')
  return {
    host: hostAndPort.slice(0, separator).replace(/^\[(.*)\]$/, '$1'),
    port: Number(hostAndPort.slice(separator + 1)),
  }
}

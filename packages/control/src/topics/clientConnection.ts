import type { KafkaClusterId } from '@tributary/domain/ids'
import { errors } from '@tributary/domain/errors'
import { issueClusterToken } from '@tributary/kafka/clusterToken'
import type { AdminClients, KafkaConnection } from '@tributary/kafka/connection'
import type { Clock } from '@tributary/kit/clock'
import type { Caller } from '../caller.ts'
import type { Installation } from '../installation.ts'
import { findKafkaCluster } from '../kafkaClusters/findKafkaCluster.ts'
import type { KafkaCluster } from '../kafkaClusters/kafkaCluster.ts'

/**
 * Kafka REST acts as its caller, from outside: with the caller's own key, or for who signed in with a token of a minute
 * that says who it is. Only the broker authorises.
 */
export interface ClusterClient {
  cluster: KafkaCluster
  connection: KafkaConnection
}

export interface ClientDependencies {
  installation: Installation
  kafkaClients: AdminClients
  clock: Clock
}

export async function clientConnection(
  caller: Pick<Caller, 'organizationId' | 'scope' | 'principalId' | 'apiKey'>,
  clusterId: KafkaClusterId,
  { installation, kafkaClients, clock }: ClientDependencies,
): Promise<ClusterClient | undefined> {
  const cluster = await findKafkaCluster(caller, clusterId)
  if (cluster === undefined) return undefined
  if (cluster.bootstrap_endpoint === null) throw errors.unavailable('This cluster is still being provisioned.', 5)
  const { authority, tokenKey } = installation
  return {
    cluster,
    connection: {
      clientId: 'tributary-kafka-rest',
      bootstrap: cluster.bootstrap_endpoint.split(',').map(address),
      tls: { ca: authority.certificatePem },
      sasl:
        caller.apiKey === undefined
          ? { mechanism: 'OAUTHBEARER', token: tokenFor(caller.principalId, clusterId, tokenKey.privateKeyPem, clock) }
          : { mechanism: 'PLAIN', username: caller.apiKey.id, password: caller.apiKey.secret },
      clients: kafkaClients,
    },
  }
}

/** The same for half a minute, so that the same client serves a caller's next request too. */
function tokenFor(principalId: string, clusterId: KafkaClusterId, privateKeyPem: string, clock: Clock): string {
  const now = clock.now().getTime()
  return issueClusterToken({ principalId, clusterId }, privateKeyPem, new Date(now - (now % sameTokenMs)))
}

const sameTokenMs = 30_000

function address(hostAndPort: string) {
  const separator = hostAndPort.lastIndexOf(':')
  return {
    host: hostAndPort.slice(0, separator).replace(/^\[(.*)\]$/, '$1'),
    port: Number(hostAndPort.slice(separator + 1)),
  }
}

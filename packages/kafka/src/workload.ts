import type { MemberManifest, PortRequest, WorkloadManifest } from '@tributary/orchestrators/contract'
import {
  accessClientProperties,
  brokerProperties,
  log4jProperties,
  renderProperties,
  type ClusterConfiguration,
} from './brokerConfiguration.ts'

export const brokerPorts: readonly PortRequest[] = [
  { name: 'controller', reach: 'members' },
  { name: 'internal', reach: 'members' },
  { name: 'external', reach: 'clients' },
]

/** PEM texts of one broker: private key, certificate and chain in one file each. */
export interface BrokerCertificates {
  /** What the broker is inside its cluster. */
  broker: string
  /** What clients see. */
  external: string
}

/**
 * Kafka puts a PEM key into a PKCS #12 store in memory, for each of some ten TLS factories, and the JDK encrypts it there
 * under a password that Kafka made up, with 10,000 rounds of key derivation: two thirds of a broker's start. The store
 * never leaves the process that holds the key anyway.
 */
const oneRoundOfKeyDerivation = ['-Dkeystore.pkcs12.keyPbeIterationCount=1']

/** The workload that a cluster is. */
export function kafkaWorkload(
  cluster: ClusterConfiguration,
  trust: {
    authority: string
    brokers: Readonly<Record<number, BrokerCertificates>>
    /** What the brokers verify cluster tokens with, as a PEM text. */
    tokenPublicKey: string
  },
): WorkloadManifest {
  return {
    name: cluster.id,
    runtime: 'kafka',
    members: cluster.brokers.map((broker): MemberManifest => {
      const own = trust.brokers[broker.id]
      if (own === undefined) throw new Error(`${cluster.id}: broker ${broker.id} has no certificates`)
      return {
        id: broker.id,
        zone: broker.zone,
        files: {
          'server.properties': renderProperties(brokerProperties(cluster, broker)),
          'access-client.properties': renderProperties(accessClientProperties(cluster)),
          'log4j2.properties': renderProperties(log4jProperties),
          'cluster-ca.pem': trust.authority,
          'broker.pem': own.broker,
          'external.pem': own.external,
          'token-key.pem': trust.tokenPublicKey,
        },
        process: {
          mainClass: 'dev.tributary.broker.BrokerMain',
          jvmOptions: [
            '-Xms48m',
            '-Xmx256m',
            '-Xss512k',
            '-XX:MaxDirectMemorySize=128m',
            ...oneRoundOfKeyDerivation,
            '-Dlog4j2.configurationFile={{files}}/log4j2.properties',
          ],
          arguments: ['{{files}}/server.properties'],
        },
      }
    }),
  }
}

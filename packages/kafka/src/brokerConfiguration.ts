import type { Endpoint } from '@tributary/orchestrators/contract'

/** What every broker of a cluster knows of the cluster. */
export interface ClusterConfiguration {
  id: string
  /** Kafka's own cluster id: 16 random bytes in URL-safe base64. */
  uuid: string
  /** `found` only while the cluster has never been ready; see BrokerMain. */
  formation: 'found' | 'join'
  /** Clients are let in when the brokers' access is this revision or a newer one. Without it, as soon as it was read. */
  accessRevision?: number
  /** How often brokers write down which keys were used. Without it, every minute. */
  keyUsageIntervalMs?: number
  brokers: readonly BrokerConfiguration[]
}

export interface BrokerConfiguration {
  id: number
  zone: string
  /** Kafka's id of the broker's data directory: 16 random bytes in URL-safe base64. */
  directoryId: string
  endpoints: Readonly<Record<ListenerPort, Endpoint>>
}

export type ListenerPort = 'controller' | 'internal' | 'external'

export const accessTopic = '__tributary_access'
export const keyUsageTopic = '__tributary_key_usage'

/** Every listener of this many brokers talks lean: clusters share a machine with their control plane. */
const lean = {
  'num.network.threads': 2,
  'num.io.threads': 4,
  'background.threads': 2,
  'num.recovery.threads.per.data.dir': 1,
  'group.coordinator.threads': 1,
  'share.coordinator.threads': 1,
  'log.cleaner.dedupe.buffer.size': 4_194_304,
  'log.cleaner.io.buffer.size': 65_536,
  'offsets.topic.num.partitions': 6,
  'transaction.state.log.num.partitions': 3,
  'share.coordinator.state.topic.num.partitions': 3,
}

/**
 * The configuration of one broker.
 *
 * INTERNAL and CONTROLLER speak mutual TLS and trust this cluster's own authority alone. EXTERNAL
 * speaks SASL_SSL with a certificate of the installation's authority, which clients trust. A connection
 * of a token ends with the token; one of a key, with the key: no connections.max.reauth.ms, which would
 * cut clients that hold a key and never authenticate again.
 */
export function brokerProperties(cluster: ClusterConfiguration, broker: BrokerConfiguration): Record<string, string> {
  const { controller, internal, external } = broker.endpoints
  const replicationFactor = Math.min(3, cluster.brokers.length)
  const minInsyncReplicas = Math.min(2, replicationFactor)
  return stringValues({
    'process.roles': 'broker,controller',
    'node.id': broker.id,
    'broker.rack': broker.zone,
    'controller.quorum.bootstrap.servers': cluster.brokers
      .map(({ endpoints }) => advertised(endpoints.controller))
      .join(','),
    'controller.quorum.auto.join.enable': cluster.formation === 'join' && cluster.brokers.length > 1,
    listeners: `CONTROLLER://${listen(controller)},INTERNAL://${listen(internal)},EXTERNAL://${listen(external)}`,
    'advertised.listeners': `CONTROLLER://${advertised(controller)},INTERNAL://${advertised(internal)},EXTERNAL://${advertised(external)}`,
    'listener.security.protocol.map': 'CONTROLLER:SSL,INTERNAL:SSL,EXTERNAL:SASL_SSL',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': '{{data}}',

    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': '{{files}}/broker.pem',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': '{{files}}/cluster-ca.pem',
    'listener.name.controller.ssl.client.auth': 'required',
    'listener.name.internal.ssl.client.auth': 'required',
    'listener.name.external.ssl.keystore.type': 'PEM',
    'listener.name.external.ssl.keystore.location': '{{files}}/external.pem',
    'listener.name.external.ssl.client.auth': 'none',
    'listener.name.external.sasl.enabled.mechanisms': 'PLAIN,OAUTHBEARER',
    'listener.name.external.plain.sasl.server.callback.handler.class': 'dev.tributary.broker.ApiKeyCallbackHandler',
    'listener.name.external.plain.sasl.jaas.config':
      'org.apache.kafka.common.security.plain.PlainLoginModule required;',
    'listener.name.external.oauthbearer.sasl.server.callback.handler.class':
      'dev.tributary.broker.ClusterTokenCallbackHandler',
    'listener.name.external.oauthbearer.sasl.jaas.config':
      'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
    // Kafka matches an OAUTHBEARER message with a regular expression that recurs for each of its parts: a longer one
    // would overflow the stack of a network thread, before anyone has authenticated. A key or a token takes 400 bytes.
    'sasl.server.max.receive.size': 2048,
    'principal.builder.class': 'dev.tributary.broker.Principals',
    'authorizer.class.name': 'dev.tributary.broker.TributaryAuthorizer',

    'auto.create.topics.enable': false,
    'default.replication.factor': replicationFactor,
    'min.insync.replicas': minInsyncReplicas,
    'offsets.topic.replication.factor': replicationFactor,
    'transaction.state.log.replication.factor': replicationFactor,
    'transaction.state.log.min.isr': minInsyncReplicas,
    'share.coordinator.state.topic.replication.factor': replicationFactor,
    'share.coordinator.state.topic.min.isr': minInsyncReplicas,
    'group.initial.rebalance.delay.ms': 0,
    // A broker that died without a word leads its partitions, and may not come back, until its session ends.
    'broker.session.timeout.ms': 6000,
    'broker.heartbeat.interval.ms': 1000,
    ...lean,

    'tributary.cluster.id': cluster.id,
    'tributary.cluster.uuid': cluster.uuid,
    'tributary.formation': cluster.formation,
    'tributary.formation.controllers': cluster.brokers
      .map(({ id, directoryId, endpoints }) => `${id}@${advertised(endpoints.controller)}:${directoryId}`)
      .join(','),
    'tributary.access.client': '{{files}}/access-client.properties',
    'tributary.access.snapshot': '{{files}}/access-snapshot.json',
    ...(cluster.accessRevision === undefined ? {} : { 'tributary.access.revision': cluster.accessRevision }),
    ...(cluster.keyUsageIntervalMs === undefined
      ? {}
      : { 'tributary.key.usage.interval.ms': cluster.keyUsageIntervalMs }),
    'tributary.token.key': '{{files}}/token-key.pem',
  })
}

/** How the broker's plugin reads the access topic: from its own cluster, as the broker that it is. */
export function accessClientProperties(cluster: ClusterConfiguration): Record<string, string> {
  return {
    'bootstrap.servers': cluster.brokers
      .map(({ endpoints: { internal } }) => `${bracketed(internal.advertised.host)}:${internal.advertised.port}`)
      .join(','),
    'security.protocol': 'SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': '{{files}}/broker.pem',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': '{{files}}/cluster-ca.pem',
  }
}

/** What a client says when it comes and goes: a broker is its own client, every minute in which keys are used. */
const talkOfClients = {
  'logger.version.name': 'org.apache.kafka.common.utils.AppInfoParser',
  'logger.version.level': 'WARN',
  'logger.metadata.name': 'org.apache.kafka.clients.Metadata',
  'logger.metadata.level': 'WARN',
  'logger.producer.name': 'org.apache.kafka.clients.producer.KafkaProducer',
  'logger.producer.level': 'WARN',
}

/** One rolling log for each member: 5 files of 10 MB. The configuration stands in its own file; the log does not repeat it. */
export const log4jProperties: Record<string, string> = {
  'rootLogger.level': 'INFO',
  'logger.configuration.name': 'kafka.server.KafkaConfig',
  'logger.configuration.level': 'WARN',
  'logger.clientConfiguration.name': 'org.apache.kafka.common.config.AbstractConfig',
  'logger.clientConfiguration.level': 'WARN',
  ...talkOfClients,
  'rootLogger.appenderRef.file.ref': 'file',
  'appender.file.type': 'RollingFile',
  'appender.file.name': 'file',
  'appender.file.fileName': '{{logs}}/server.log',
  'appender.file.filePattern': '{{logs}}/server.log.%i',
  'appender.file.layout.type': 'PatternLayout',
  'appender.file.layout.pattern': '[%d{ISO8601_OFFSET_DATE_TIME_HHCMM}] %p %m (%c)%n',
  'appender.file.policies.type': 'Policies',
  'appender.file.policies.size.type': 'SizeBasedTriggeringPolicy',
  'appender.file.policies.size.size': '10MB',
  'appender.file.strategy.type': 'DefaultRolloverStrategy',
  'appender.file.strategy.max': '5',
}

/** Java's properties format; backslashes are the only character of ours that needs escaping. */
export function renderProperties(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('')
}

const stringValues = (properties: Record<string, string | number | boolean>): Record<string, string> =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, String(value)]))

const listen = ({ listen: { host, port } }: Endpoint) => `${bracketed(host)}:${port}`
const advertised = ({ advertised: { host, port } }: Endpoint) => `${bracketed(host)}:${port}`

/** An IPv6 address stands in brackets before a port. */
export const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host)

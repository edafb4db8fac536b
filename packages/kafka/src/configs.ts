import {
  ConfigResourceTypes,
  describeConfigsV4,
  incrementalAlterConfigsV1,
  IncrementalAlterConfigOperationTypes,
  metadataV12,
  ProtocolError,
  type Connection,
} from '@platformatic/kafka'
import { anyBroker, askBroker, readWithAdmin, tellBroker, type KafkaConnection } from './connection.ts'
import { partsOf } from './kafkaErrors.ts'

/** Where a value comes from, the most particular first. */
export type ConfigSource =
  | 'DYNAMIC_TOPIC_CONFIG'
  | 'DYNAMIC_BROKER_CONFIG'
  | 'DYNAMIC_DEFAULT_BROKER_CONFIG'
  | 'STATIC_BROKER_CONFIG'
  | 'DEFAULT_CONFIG'
  | 'UNKNOWN'

/** One value of a config: that of the config itself, or one that would hold without a more particular one. */
export interface ConfigValue {
  name: string
  /** Null for a secret: brokers tell nobody. */
  value: string | null
  source: ConfigSource
}

export interface Config extends ConfigValue {
  isReadOnly: boolean
  isSensitive: boolean
  /** Every value that there is for it, the one that holds first. */
  synonyms: ConfigValue[]
}

/** Kafka's codes: DescribeConfigsResponse.ConfigSource. */
const sources: Record<number, ConfigSource> = {
  1: 'DYNAMIC_TOPIC_CONFIG',
  2: 'DYNAMIC_BROKER_CONFIG',
  3: 'DYNAMIC_DEFAULT_BROKER_CONFIG',
  4: 'STATIC_BROKER_CONFIG',
  5: 'DEFAULT_CONFIG',
}

interface RawConfig {
  name: string
  value?: string | null | undefined
  readOnly: boolean
  configSource: number
  isSensitive: boolean
  synonyms: readonly { name: string; value?: string | null | undefined; source: number }[]
}

export function asConfig({ name, value, readOnly, configSource, isSensitive, synonyms }: RawConfig): Config {
  const shown = (text: string | null | undefined) => (isSensitive ? null : (text ?? null))
  const source = sources[configSource] ?? 'UNKNOWN'
  return {
    name,
    value: shown(value),
    source,
    isReadOnly: readOnly,
    isSensitive,
    synonyms:
      synonyms.length === 0
        ? [{ name, value: shown(value), source }]
        : synonyms.map((synonym) => ({
            name: synonym.name,
            value: shown(synonym.value),
            source: sources[synonym.source] ?? 'UNKNOWN',
          })),
  }
}

/** Throws what the broker says of a topic that is not there, or may not be seen. */
export async function describeTopicConfigs(connection: KafkaConnection, topic: string): Promise<Config[]> {
  const [found] = await askBroker(connection, (broker) => describe(broker, 'TOPIC', [topic]))
  return configsOf(found)
}

/** Of those of the topics that are there, and may be seen. */
export async function describeConfigsOfTopics(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<{ topic: string; configs: Config[] }[]> {
  if (topics.length === 0) return []
  const found = await askBroker(connection, (broker) => describe(broker, 'TOPIC', topics))
  return found
    .filter(({ errorCode }) => errorCode === 0)
    .map((result) => ({ topic: result.resourceName, configs: configsOf(result) }))
}

/**
 * What was set for all brokers together, while they ran; behind each value what they hold without it.
 * What was set for one broker alone is none of it.
 */
export async function describeClusterConfigs(connection: KafkaConnection): Promise<Config[]> {
  const [together, held] = await Promise.all([
    askBroker(connection, (broker) => describe(broker, 'BROKER', [''])),
    describeBrokerConfigs(connection),
  ])
  const below = new Map(held.map(({ name, synonyms }) => [name, synonyms.filter(isFixed)]))
  return configsOf(together[0]).map((config) => ({
    ...config,
    synonyms: [{ name: config.name, value: config.value, source: config.source }, ...(below.get(config.name) ?? [])],
  }))
}

/** One of them, or what the brokers hold instead; undefined for what they don't know. */
export async function describeClusterConfig(connection: KafkaConnection, name: string): Promise<Config | undefined> {
  const isIt = (config: Config) => config.name === name
  return (await describeClusterConfigs(connection)).find(isIt) ?? (await describeBrokerConfigs(connection)).find(isIt)
}

const isFixed = ({ source }: ConfigValue) => source === 'STATIC_BROKER_CONFIG' || source === 'DEFAULT_CONFIG'

/** Everything that holds for one of the brokers: only it can say. */
function describeBrokerConfigs(connection: KafkaConnection): Promise<Config[]> {
  return readWithAdmin(connection, async (admin) => {
    const first = await anyBroker(admin, connection)
    const { brokers } = await metadataV12.api.async(first, [], false, false)
    const [one] = brokers.toSorted((a, b) => a.nodeId - b.nodeId)
    if (one === undefined) throw new ProtocolError('BROKER_NOT_AVAILABLE')
    const [found] = await describe(await admin.connections.get(one), 'BROKER', [String(one.nodeId)])
    return configsOf(found)
  })
}

async function describe(broker: Connection, type: 'TOPIC' | 'BROKER', names: readonly string[]) {
  const resources = names.map((resourceName) => ({
    resourceType: ConfigResourceTypes[type],
    resourceName,
    configurationKeys: null,
  }))
  return (await partsOf(describeConfigsV4.api.async(broker, resources, true, false))).results
}

type Described = Awaited<ReturnType<typeof describe>>[number]

function configsOf(found: Described | undefined): Config[] {
  if (found === undefined) throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION')
  if (found.errorCode !== 0) throw new ProtocolError(found.errorCode, found.errorMessage)
  return found.configs.map(asConfig).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** `value: undefined` takes back what was set. */
export interface ConfigChange {
  name: string
  value: string | undefined
}

/** All of the changes, or none; with `validateOnly` none, though it fails as they would. */
export async function alterTopicConfigs(
  connection: KafkaConnection,
  topic: string,
  changes: readonly ConfigChange[],
  { validateOnly }: { validateOnly: boolean },
): Promise<void> {
  const { SET, DELETE } = IncrementalAlterConfigOperationTypes
  const resource = {
    resourceType: ConfigResourceTypes.TOPIC,
    resourceName: topic,
    configs: changes.map(({ name, value }) =>
      value === undefined ? { name, configOperation: DELETE } : { name, configOperation: SET, value },
    ),
  }
  await tellBroker(connection, (broker) => incrementalAlterConfigsV1.api.async(broker, [resource], validateOnly))
}

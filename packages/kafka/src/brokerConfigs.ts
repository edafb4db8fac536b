import {
  ConfigResourceTypes,
  ConfigSources,
  describeConfigsV4,
  incrementalAlterConfigsV1,
  IncrementalAlterConfigOperationTypes,
  type Connection,
} from '@platformatic/kafka'
import { withAdmin, type KafkaConnection } from './connection.ts'

/** All brokers together (KIP-226): in Kafka's words the default of brokers, whose name is empty. */
const everyBroker = { resourceType: ConfigResourceTypes.BROKER, resourceName: '' }

/** What was set for all brokers while they ran, of these names. */
export async function describeBrokerConfigs(
  connection: KafkaConnection,
  names: readonly string[],
): Promise<Record<string, string>> {
  const { results } = await tellBroker(connection, (broker) =>
    describeConfigsV4.api.async(broker, [{ ...everyBroker, configurationKeys: [...names] }], false, false),
  )
  const set = results
    .flatMap(({ configs }) => configs)
    .filter(({ configSource }) => configSource === ConfigSources.DYNAMIC_DEFAULT_BROKER_CONFIG)
  return Object.fromEntries(set.map(({ name, value }) => [name, value ?? '']))
}

/** Sets each for all brokers, or takes it back where it is undefined: all of them or none; with `validateOnly` none. */
export async function alterBrokerConfigs(
  connection: KafkaConnection,
  changes: Readonly<Record<string, string | undefined>>,
  { validateOnly }: { validateOnly: boolean },
): Promise<void> {
  const { SET, DELETE } = IncrementalAlterConfigOperationTypes
  const configs = Object.entries(changes).map(([name, value]) =>
    value === undefined ? { name, configOperation: DELETE } : { name, configOperation: SET, value },
  )
  await tellBroker(connection, (broker) =>
    incrementalAlterConfigsV1.api.async(broker, [{ ...everyBroker, configs }], validateOnly),
  )
}

/** Any broker. The client's own calls look for one whose id is the resource's name. */
const tellBroker = <Answer>(connection: KafkaConnection, tell: (broker: Connection) => Promise<Answer>) =>
  withAdmin(connection, async (admin) => tell(await admin.connections.getFirstAvailable([...connection.bootstrap])))

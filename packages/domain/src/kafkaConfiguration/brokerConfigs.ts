/** In what bounds a cluster's owner may choose; none means: as Kafka takes it. */
interface Bounds {
  min?: number
  max?: number
}

/**
 * What a cluster's owner may set for all its brokers together: defaults of topics that Kafka changes while it runs
 * (AllDynamicConfigs in its DynamicBrokerConfig), and that can neither stop a broker nor the control plane's own
 * records. Listeners, security, threads, quotas and replication are the control plane's.
 *
 * Not here, though Confluent Cloud lets one change them, for Kafka reads them at its start only:
 * `auto.create.topics.enable`, `num.partitions`.
 */
const ownersBrokerConfigs: Readonly<Record<string, Bounds>> = {
  'compression.type': {},
  'log.cleaner.delete.retention.ms': {},
  'log.cleaner.max.compaction.lag.ms': {},
  'log.cleaner.min.compaction.lag.ms': {},
  'log.cleanup.policy': {},
  'log.retention.bytes': {},
  'log.retention.ms': {},
  // Kafka's default, below which records of the control plane might not pass, to Confluent Cloud's largest.
  'message.max.bytes': { min: 1_048_588, max: 20_971_520 },
}

export const ownersBrokerConfigNames: readonly string[] = Object.keys(ownersBrokerConfigs)

export const isOwnersBrokerConfig = (name: string): boolean => Object.hasOwn(ownersBrokerConfigs, name)

/** What is wrong with a value, if something is. What Kafka itself would refuse it says itself. */
export function brokerConfigProblem(name: string, value: string): string | undefined {
  const { min = -Infinity, max = Infinity } = ownersBrokerConfigs[name] ?? {}
  const amount = Number(value)
  return amount < min || amount > max ? `${name} must be from ${min} to ${max}.` : undefined
}

/** Who a quota inside Kafka is of. A null is Kafka's default entity: everyone who has none of their own. */
export interface QuotaEntity {
  user: string | null
  /** Only in quotas that we never set: they would count before the user's. */
  clientId?: string | null
}

/** By Kafka's names, such as `producer_byte_rate`. */
export type Rates = Readonly<Record<string, number>>

export interface EntityQuota {
  entity: QuotaEntity
  rates: Rates
}

/** What brokers are told about a cluster beyond its topics and its access. */
export interface KafkaConfiguration {
  quotas: readonly EntityQuota[]
  /** Settings of all brokers together, by name: those that the cluster's owner may choose. */
  brokerConfigs: Readonly<Record<string, string>>
}

export interface DesiredKafkaConfiguration extends KafkaConfiguration {
  deleted: boolean
  provisioned: boolean
}

export type KafkaConfigurationStep =
  | { do: 'awaitCluster' }
  | { do: 'setClientQuotas'; quotas: readonly EntityQuota[] }
  | { do: 'removeClientQuotas'; quotas: readonly { entity: QuotaEntity; names: readonly string[] }[] }
  | { do: 'setBrokerConfigs'; configs: Readonly<Record<string, string>> }
  | { do: 'removeBrokerConfigs'; names: readonly string[] }
  | { do: 'forget' }
  | { do: 'settled' }

/**
 * The next step from what brokers have to what is desired. What nobody desires goes, whoever put it there. What is
 * observed is undefined where nobody answers yet.
 */
export function planKafkaConfiguration(
  desired: DesiredKafkaConfiguration,
  observed: KafkaConfiguration | undefined,
): KafkaConfigurationStep {
  if (desired.deleted) return { do: 'forget' }
  if (!desired.provisioned || observed === undefined) return { do: 'awaitCluster' }

  const wrong = desired.quotas.filter(({ entity, rates }) => differs(ratesOf(observed.quotas, entity), rates))
  if (wrong.length > 0) return { do: 'setClientQuotas', quotas: wrong }
  const unknown = observed.quotas
    .map(({ entity, rates }) => ({ entity, names: missing(rates, ratesOf(desired.quotas, entity)) }))
    .filter(({ names }) => names.length > 0)
  if (unknown.length > 0) return { do: 'removeClientQuotas', quotas: unknown }

  if (differs(observed.brokerConfigs, desired.brokerConfigs)) {
    return { do: 'setBrokerConfigs', configs: desired.brokerConfigs }
  }
  const names = missing(observed.brokerConfigs, desired.brokerConfigs)
  return names.length > 0 ? { do: 'removeBrokerConfigs', names } : { do: 'settled' }
}

const ratesOf = (quotas: readonly EntityQuota[], entity: QuotaEntity): Rates =>
  quotas.find((quota) => quota.entity.user === entity.user && quota.entity.clientId === entity.clientId)?.rates ?? {}

/** Whether something of `desired` is not so. */
const differs = <Value>(observed: Readonly<Record<string, Value>>, desired: Readonly<Record<string, Value>>) =>
  Object.entries(desired).some(([name, value]) => observed[name] !== value)

/** What there is of `observed` and not of `desired`. */
const missing = (observed: object, desired: object) =>
  Object.keys(observed).filter((name) => !Object.hasOwn(desired, name))

import { describe, expect, it } from 'vitest'
import {
  planKafkaConfiguration,
  type DesiredKafkaConfiguration,
  type EntityQuota,
  type KafkaConfiguration,
  type KafkaConfigurationStep,
} from './planKafkaConfiguration.ts'
import { quotasInside, type PrincipalsQuota } from './quotasInside.ts'

const nothing: KafkaConfiguration = { quotas: [], brokerConfigs: {} }
const wanted = (configuration: Partial<KafkaConfiguration> = {}): DesiredKafkaConfiguration => ({
  ...nothing,
  ...configuration,
  deleted: false,
  provisioned: true,
})
const rates = { producer_byte_rate: 1024, consumer_byte_rate: 2048 }
const a: EntityQuota = { entity: { user: 'sa-a' }, rates }
const everyone: EntityQuota = { entity: { user: null }, rates }
const ofClient: EntityQuota = { entity: { user: 'sa-a', clientId: 'app' }, rates: { producer_byte_rate: 9 } }

describe('the next step follows from what is desired and what brokers have', () => {
  it.each<[string, DesiredKafkaConfiguration, KafkaConfiguration | undefined, KafkaConfigurationStep]>([
    ['deleted', { ...wanted(), deleted: true }, undefined, { do: 'forget' }],
    ['not provisioned', { ...wanted(), provisioned: false }, undefined, { do: 'awaitCluster' }],
    ['nobody answers', wanted(), undefined, { do: 'awaitCluster' }],
    ['nothing at all', wanted(), nothing, { do: 'settled' }],
    [
      'all as it should be',
      wanted({ quotas: [a, everyone] }),
      { ...nothing, quotas: [everyone, a] },
      { do: 'settled' },
    ],
    [
      'a new quota',
      wanted({ quotas: [a, everyone] }),
      { ...nothing, quotas: [a] },
      { do: 'setClientQuotas', quotas: [everyone] },
    ],
    [
      'a rate that somebody changed',
      wanted({ quotas: [a] }),
      { ...nothing, quotas: [{ ...a, rates: { ...rates, consumer_byte_rate: 1 } }] },
      { do: 'setClientQuotas', quotas: [a] },
    ],
    [
      'a quota that nobody asked for',
      wanted({ quotas: [a] }),
      { ...nothing, quotas: [a, everyone] },
      { do: 'removeClientQuotas', quotas: [{ entity: { user: null }, names: Object.keys(rates) }] },
    ],
    [
      'a rate that nobody asked for',
      wanted({ quotas: [a] }),
      { ...nothing, quotas: [{ ...a, rates: { ...rates, request_percentage: 1 } }] },
      { do: 'removeClientQuotas', quotas: [{ entity: a.entity, names: ['request_percentage'] }] },
    ],
    [
      'a quota of one client of a principal, which would count before its own',
      wanted({ quotas: [a] }),
      { ...nothing, quotas: [a, ofClient] },
      { do: 'removeClientQuotas', quotas: [{ entity: ofClient.entity, names: ['producer_byte_rate'] }] },
    ],
    [
      'a setting that is not so',
      wanted({ brokerConfigs: { 'log.retention.ms': '1' } }),
      { ...nothing, brokerConfigs: { 'log.retention.ms': '2' } },
      { do: 'setBrokerConfigs', configs: { 'log.retention.ms': '1' } },
    ],
    [
      'a setting that nobody chose',
      wanted(),
      { ...nothing, brokerConfigs: { 'log.retention.ms': '2' } },
      { do: 'removeBrokerConfigs', names: ['log.retention.ms'] },
    ],
  ])('%s', (_, desired, observed, step) => {
    expect(planKafkaConfiguration(desired, observed)).toEqual(step)
  })
})

const inside = (brokerIds: readonly number[], held: PrincipalsQuota) =>
  quotasInside('lkc-x', brokerIds, [held]).filter(({ entity }) => !entity.user?.startsWith('lkc-x'))

describe('brokers hold principals to their share of the cluster', () => {
  const quota = { ingressByteRate: 3000n, egressByteRate: 10n }

  it('a third each of three brokers, and never nothing', () => {
    expect(inside([1, 2, 3], { ...quota, principals: ['sa-a', 'sa-b'] })).toEqual(
      ['sa-a', 'sa-b'].map((user) => ({
        entity: { user },
        rates: { producer_byte_rate: 1000, consumer_byte_rate: 3 },
      })),
    )
    const [tiny] = inside([1, 2, 3], { principals: ['sa-a'], ingressByteRate: 1n, egressByteRate: 2n })
    expect(tiny?.rates).toEqual({ producer_byte_rate: 1, consumer_byte_rate: 1 })
  })

  it('the largest rate there is stays one that Kafka takes', () => {
    const largest = 2n ** 63n - 1n
    const [only] = inside([1], { principals: ['sa-a'], ingressByteRate: largest, egressByteRate: largest })
    expect(only?.rates.producer_byte_rate).toBe(2 ** 63)
  })

  it('no default holds up brokers or the control plane, nor does one that begins or ends', () => {
    const own = quotasInside('lkc-x', [1, 2], [])
    expect(own.map(({ entity }) => entity.user)).toEqual(['lkc-x', 'lkc-x-1', 'lkc-x-2'])
    for (const { rates } of own) expect(Math.min(...Object.values(rates))).toBeGreaterThan(2 ** 50)
    const held = { ...quota, principals: ['<default>'] }
    expect(quotasInside('lkc-x', [1, 2], [held])).toEqual([...own, ...inside([1, 2], held)])
  })
})

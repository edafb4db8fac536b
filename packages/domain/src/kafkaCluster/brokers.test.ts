import { describe, expect, it } from 'vitest'
import { brokersFor } from './brokers.ts'

const zones = ['a', 'b', 'c', 'd']

describe('a cluster has one broker, or three in different zones', () => {
  it.each(['SINGLE_ZONE', 'LOW'] as const)('%s: one', (availability) => {
    expect(brokersFor(availability, zones)).toEqual([{ id: 1, zone: 'a' }])
  })

  it.each(['MULTI_ZONE', 'HIGH'] as const)('%s: three', (availability) => {
    expect(brokersFor(availability, zones)).toEqual([
      { id: 1, zone: 'a' },
      { id: 2, zone: 'b' },
      { id: 3, zone: 'c' },
    ])
  })
})

import type { Availability } from './spec.ts'

export interface BrokerPlacement {
  /** Kafka's node.id; the first broker is 1. */
  id: number
  zone: string
}

/**
 * How many brokers a cluster has, and where. SINGLE_ZONE and LOW stand on one broker; MULTI_ZONE
 * and HIGH on three in different zones. Two is not a size: it survives no failure that one doesn't.
 */
export function brokersFor(availability: Availability, zones: readonly string[]): BrokerPlacement[] {
  const count = isMultiZone(availability) ? 3 : 1
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    zone: zones[index % zones.length] ?? 'zone-1',
  }))
}

export const isMultiZone = (availability: Availability) => availability === 'MULTI_ZONE' || availability === 'HIGH'

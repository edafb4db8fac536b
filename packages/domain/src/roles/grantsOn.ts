import type { EnvironmentId, KafkaClusterId } from '../ids.ts'
import { contains, type Place, type ResourceType } from './place.ts'
import { roleOf, type KafkaOperation, type RoleName } from './roles.ts'

/** A role somewhere in an organization. */
export interface Grant {
  role: RoleName
  place: Place
}

/** What a grant comes to in the brokers of one cluster, in Kafka's own words. */
export interface KafkaGrant {
  type: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID' | 'CLUSTER'
  name: string
  pattern: 'LITERAL' | 'PREFIXED'
  operations: readonly KafkaOperation[]
}

const kafkaTypes: Readonly<Record<ResourceType | 'cluster', KafkaGrant['type']>> = {
  topic: 'TOPIC',
  group: 'GROUP',
  'transactional-id': 'TRANSACTIONAL_ID',
  cluster: 'CLUSTER',
}

/** Empty where the grant does not concern the cluster, or gives nothing in its brokers. */
export function grantsOn(
  { role, place }: Grant,
  cluster: { id: KafkaClusterId; environmentId: EnvironmentId },
): KafkaGrant[] {
  const { resource, ...around } = place
  if (!contains(around, { environmentId: cluster.environmentId, clusterId: cluster.id })) return []
  const operations = Object.entries(roleOf(role).operations) as [ResourceType | 'cluster', KafkaOperation[]][]
  return operations
    .filter(([type]) => resource === undefined || resource.type === type)
    .map(([type, allowed]) => ({
      type: kafkaTypes[type],
      name: type === 'cluster' ? 'kafka-cluster' : (resource?.name ?? ''),
      pattern: type === 'cluster' || resource?.prefixed === false ? 'LITERAL' : 'PREFIXED',
      operations: allowed,
    }))
}

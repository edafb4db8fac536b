import type { EnvironmentId, KafkaClusterId } from '../ids.ts'

/** Somewhere in one organization: all of it, an environment, a Kafka cluster, or what matches a pattern in a cluster. */
export interface Place {
  environmentId?: EnvironmentId
  clusterId?: KafkaClusterId
  resource?: ResourcePattern
}

export type Level = 'organization' | 'environment' | 'cluster' | 'resource'

export const resourceTypes = ['topic', 'group', 'transactional-id'] as const
export type ResourceType = (typeof resourceTypes)[number]

/** Resources of one name, or all whose names begin with it. */
export interface ResourcePattern {
  type: ResourceType
  name: string
  prefixed: boolean
}

export function levelOf({ environmentId, clusterId, resource }: Place): Level {
  if (resource !== undefined) return 'resource'
  if (clusterId !== undefined) return 'cluster'
  return environmentId === undefined ? 'organization' : 'environment'
}

/** Whether everything in `inner` is in `outer` too. */
export function contains(outer: Place, inner: Place): boolean {
  if (outer.environmentId !== undefined && outer.environmentId !== inner.environmentId) return false
  if (outer.clusterId !== undefined && outer.clusterId !== inner.clusterId) return false
  return outer.resource === undefined || (inner.resource !== undefined && covers(outer.resource, inner.resource))
}

function covers(outer: ResourcePattern, inner: ResourcePattern): boolean {
  if (outer.type !== inner.type) return false
  return outer.prefixed ? inner.name.startsWith(outer.name) : !inner.prefixed && inner.name === outer.name
}

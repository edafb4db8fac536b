import type { EnvironmentId, KafkaClusterId } from '../ids.ts'
import type { Permission } from '../permissions.ts'
import { gives, givesInOrganization, type Grantee } from './isAllowed.ts'
import { levelOf, type Level, type Place } from './place.ts'

/** What a list may show: everything in the organization, or one's own and what is in these places. */
export type Visibility = 'all' | VisiblePart

export interface VisiblePart {
  ownedBy: string
  environments: readonly EnvironmentId[]
  clusters: readonly KafkaClusterId[]
  /** What patterns match, in clusters. */
  resources: readonly Place[]
}

export function visibleTo(grantee: Grantee, permission: Permission): Visibility {
  const { grants, principalId } = grantee
  const giving = grants.filter((grant) => gives(grant, permission)).map(({ place }) => place)
  // Who has something somewhere sees what it is in.
  const around = grants.map(({ place }) => place)
  const everywhere =
    giving.some((place) => levelOf(place) === 'organization') ||
    grants.some((grant) => givesInOrganization(grant, permission)) ||
    (permission === 'organization:describe' && around.length > 0)
  if (everywhere) return 'all'
  const at = (level: Level) => giving.filter((place) => levelOf(place) === level)
  const environments = permission === 'environment:describe' ? around : at('environment')
  const clusters = permission === 'kafka-cluster:describe' ? [...around, ...at('cluster')] : at('cluster')
  return {
    ownedBy: principalId,
    environments: unique(environments.map(({ environmentId }) => environmentId)),
    clusters: unique(clusters.map(({ clusterId }) => clusterId)),
    resources: at('resource'),
  }
}

const unique = <Id>(ids: readonly (Id | undefined)[]): Id[] => [...new Set(ids.filter((id) => id !== undefined))]

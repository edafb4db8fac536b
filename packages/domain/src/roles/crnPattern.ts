import type { EnvironmentId, KafkaClusterId, OrganizationId } from '../ids.ts'
import { resourceTypes, type Place, type ResourcePattern, type ResourceType } from './place.ts'

/**
 * The CRN pattern of a role binding, from the organization down: environment, cloud-cluster, kafka (the same
 * cluster again), and a topic, group or transactional-id, by name or by a prefix that ends in `*`.
 */
export interface CrnPattern {
  organizationId: OrganizationId
  place: Place
}

const start = 'crn://confluent.cloud/'
const order = ['organization', 'environment', 'cloud-cluster', 'kafka'] as const
const ids: Readonly<Record<(typeof order)[number], RegExp>> = {
  organization: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  environment: /^env-[a-z0-9]{1,60}$/,
  'cloud-cluster': /^lkc-[a-z0-9]{1,60}$/,
  kafka: /^lkc-[a-z0-9]{1,60}$/,
}

/** The pattern, or what is wrong with it, in words for whoever wrote it. */
export function parseCrnPattern(text: string): CrnPattern | { problem: string } {
  if (!text.startsWith(start)) return { problem: `It must begin with ${start}organization=.` }
  const found = new Map<string, string>()
  let resource: ResourcePattern | undefined
  for (const segment of text.slice(start.length).split('/')) {
    const separator = segment.indexOf('=')
    const [name, value] = [segment.slice(0, Math.max(0, separator)), segment.slice(separator + 1)]
    if (resource !== undefined) return { problem: `Nothing may follow ${resource.type}=.` }
    if (found.size === order.length) {
      const parsed = parseResource(name, value)
      if ('problem' in parsed) return parsed
      resource = parsed
      continue
    }
    const expected = order[found.size] ?? 'organization'
    if (name !== expected) return { problem: `${JSON.stringify(segment)} stands where ${expected}=… belongs.` }
    if (!ids[expected].test(value)) return { problem: `${JSON.stringify(value)} is not the id of one ${expected}.` }
    found.set(expected, value)
  }
  const clusterId = found.get('cloud-cluster')
  if (found.has('kafka') && found.get('kafka') !== clusterId) {
    return { problem: 'kafka= must name the same cluster as cloud-cluster=.' }
  }
  const environmentId = found.get('environment')
  return {
    organizationId: found.get('organization') ?? '',
    place: {
      ...(environmentId === undefined ? {} : { environmentId: environmentId as EnvironmentId }),
      ...(clusterId === undefined ? {} : { clusterId: clusterId as KafkaClusterId }),
      ...(resource === undefined ? {} : { resource }),
    },
  }
}

function parseResource(type: string, encoded: string): ResourcePattern | { problem: string } {
  if (!isResourceType(type)) {
    return {
      problem: `${JSON.stringify(type)} is not a resource of a Kafka cluster: there are ${resourceTypes.join(', ')}.`,
    }
  }
  const value = decoded(encoded)
  if (value === undefined) return { problem: `The name of the ${type} is not percent-encoded correctly.` }
  const prefixed = value.endsWith('*')
  const name = prefixed ? value.slice(0, -1) : value
  if (name.includes('*')) return { problem: 'A pattern has at most one *, at its end.' }
  if (name === '' && !prefixed) return { problem: `The name of the ${type} is missing. For all of them write *.` }
  if (name.length > 249) return { problem: `The name of the ${type} is longer than 249 characters.` }
  return { type, name, prefixed }
}

const isResourceType = (type: string): type is ResourceType => resourceTypes.some((known) => known === type)

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

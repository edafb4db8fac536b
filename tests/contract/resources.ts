import fc from 'fast-check'
import { displayName, line, someOf } from './generated.ts'
import type { Stage } from './stage.ts'

/** A kind of thing that is made by POST, read by GET, and mostly changed by PATCH. */
export interface CloudResource {
  kind: string
  collection: string
  status: 201 | 202
  body: fc.Arbitrary<object>
  change?: fc.Arbitrary<object>
  /** What GET and DELETE of one want besides its id, and what its list wants. */
  query?: string
  listQuery?: string
}

type Place = Pick<Stage, 'organization' | 'cluster' | 'serviceAccountId' | 'colleagueId'>

/** All that can be made with the cloud APIs, with any body that they take. */
export function cloudResources({ organization, cluster, serviceAccountId, colleagueId }: Place): CloudResource[] {
  const { organizationId, environmentId, administratorId } = organization
  const environment = fc.constant({ id: environmentId })
  const owner = fc.constantFrom(...[administratorId, serviceAccountId].map((id) => ({ id })))
  const named = { display_name: displayName(), description: line(64) }
  const crn = `crn://confluent.cloud/organization=${organizationId}/environment=${environmentId}/cloud-cluster=${cluster.id}`
  return [
    {
      kind: 'environment',
      collection: '/org/v2/environments',
      status: 201,
      body: fc.record({ display_name: displayName() }),
      change: someOf({ display_name: displayName() }),
    },
    {
      kind: 'service account',
      collection: '/iam/v2/service-accounts',
      status: 201,
      body: fc.record(named, { requiredKeys: ['display_name'] }),
      change: someOf(named),
    },
    {
      kind: 'role binding',
      collection: '/iam/v2/role-bindings',
      status: 201,
      body: fc.record({
        principal: fc.constantFrom(`User:${serviceAccountId}`, `User:${colleagueId}`),
        role_name: fc.constantFrom('DeveloperRead', 'DeveloperWrite', 'ResourceOwner'),
        crn_pattern: resourceName(64).map((topic) => `${crn}/kafka=${cluster.id}/topic=${topic}`),
      }),
      listQuery: `?crn_pattern=crn://confluent.cloud/organization=${organizationId}`,
    },
    {
      kind: 'API key',
      collection: '/iam/v2/api-keys',
      status: 202,
      body: spec({ ...named, owner, resource: fc.constantFrom({ id: cluster.id }, { id: 'cloud' }) }, ['owner']),
      change: spec(named, []),
    },
    {
      kind: 'Kafka cluster',
      collection: '/cmk/v2/clusters',
      status: 202,
      body: spec(clusterFields(environment)),
      change: spec({ display_name: displayName(), environment }),
      query: `?environment=${environmentId}`,
      listQuery: `?environment=${environmentId}`,
    },
    {
      kind: 'client quota',
      collection: '/kafka-quotas/v1/client-quotas',
      status: 202,
      body: spec(
        {
          ...named,
          throughput,
          environment,
          cluster: fc.constant({ id: cluster.id }),
          principals: fc.subarray([{ id: serviceAccountId }, { id: '<default>' }], { minLength: 1 }),
        },
        ['display_name', 'throughput', 'cluster', 'principals', 'environment'],
      ),
      change: spec({ ...named, throughput }, []),
      listQuery: `?spec.cluster=${cluster.id}&environment=${environmentId}`,
    },
  ]
}

function clusterFields(environment: fc.Arbitrary<object>) {
  const ecku = fc.constantFrom({}, { max_ecku: 1 }, { max_ecku: 2 })
  return {
    display_name: displayName(),
    availability: fc.constant('SINGLE_ZONE'),
    cloud: fc.constantFrom('AWS', 'AZURE', 'GCP'),
    region: fc.stringMatching(/^[a-z0-9-]{1,63}$/),
    config: fc.oneof(
      ecku.map((size) => ({ kind: 'Basic', ...size })),
      ecku.map((size) => ({ kind: 'Standard', ...size })),
      fc.constant({ kind: 'Dedicated', cku: 1 }),
    ),
    deletion_protection: fc.constant(false),
    environment,
  }
}

const byteRate = fc.bigInt(1n, 2n ** 63n - 1n).map(String)
const throughput = fc.record({ ingress_byte_rate: byteRate, egress_byte_rate: byteRate })

/** Names of topics, groups and the like. */
export const resourceName = (maxLength: number) =>
  fc.stringMatching(new RegExp(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,${maxLength - 1}}$`))

const spec = <Fields extends Record<string, fc.Arbitrary<unknown>>>(
  fields: Fields,
  requiredKeys: (keyof Fields & string)[] = Object.keys(fields),
) => fc.record({ spec: fc.record(fields, { requiredKeys }) })

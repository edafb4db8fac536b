import { clusterSpec } from '@tributary/testkit/clusters'
import { crnOf, type Ids } from './ids.ts'
import type { Role, Thing, Verb } from './rule.ts'

export interface Sent {
  params?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string>>
  body?: unknown
}

/** How an operation is called on what ids name, and what the rule must say for it to be allowed. */
export interface Call {
  operation: string
  verb: Verb
  on: Thing
  send: (ids: Ids, unique: string) => Sent
  /** What is gone or taken after the call, so that every caller needs its own. */
  fresh?: keyof Ids
  /** The status for who may, where the operation's own would spoil what others ask for. */
  allowed?: number
  /** A list: always 200, and this is in it or not. */
  shows?: (ids: Ids) => string
  /** It names no place: it is about the caller's own organization. */
  placeless?: true
  /** It names a cluster in its body: to who doesn't see that, there is no such cluster. */
  inCluster?: true
  /** The status in another organization, where there is nothing to hide. */
  elsewhere?: (role: Role) => number
}

const at = (id: string): Sent => ({ params: { id } })
const call = (operation: string, verb: Verb, on: Thing, send: Call['send'], more: Partial<Call> = {}): Call => ({
  operation,
  verb,
  on,
  send,
  ...more,
})
const list = (
  operation: string,
  on: Thing,
  shows: (ids: Ids) => string,
  query: (ids: Ids) => Sent['query'] = () => ({}),
) => call(operation, 'r', on, (ids) => ({ query: { page_size: '500', ...query(ids) } }), { shows })

const rename = (display_name: string) => ({ display_name })
const inEnvironment = (ids: Ids) => ({ environment: ids.environmentId })
/** Who may make things everywhere learns that there is no such place; the others that they may not. */
const whoMayAnywhere = (role: Role) => (role === 'OrganizationAdmin' ? 422 : 403)
const unknownPlace = () => 422

function keys(on: 'cloudKey' | 'clusterKey', key: 'cloudKeyId' | 'clusterKeyId'): Call[] {
  const resource = (ids: Ids) => (on === 'cloudKey' ? {} : { resource: { id: ids.clusterId } })
  const create = (ids: Ids) => ({ body: { spec: { owner: { id: ids.serviceAccountId }, ...resource(ids) } } })
  return [
    list('listIamV2ApiKeys', on, (ids) => ids[key]),
    call('createIamV2ApiKey', 'c', on, create, {
      ...(on === 'clusterKey' ? { inCluster: true } : {}),
      elsewhere: on === 'clusterKey' ? unknownPlace : whoMayAnywhere,
    }),
    call('getIamV2ApiKey', 'r', on, (ids) => at(ids[key])),
    call('updateIamV2ApiKey', 'u', on, (ids, unique) => ({ ...at(ids[key]), body: { spec: rename(unique) } })),
    call('deleteIamV2ApiKey', 'd', on, (ids) => at(ids[key]), { fresh: key }),
    call('getTributaryV1ApiKey', 'r', on, (ids) => at(ids[key])),
    call('updateTributaryV1ApiKey', 'u', on, (ids) => ({ ...at(ids[key]), body: { expires_at: null } })),
    call('rotateTributaryV1ApiKey', 'u', on, (ids) => ({ ...at(ids[key]), body: {} }), { fresh: key }),
  ]
}

function bindings(
  on: Thing,
  binding: 'organizationBindingId' | 'environmentBindingId' | 'clusterBindingId' | 'topicBindingId',
  place: (crn: ReturnType<typeof crnOf>) => string,
): Call[] {
  const role_name = on === 'bindingOnTopic' ? 'DeveloperRead' : 'MetricsViewer'
  const create = (ids: Ids) => ({
    body: { principal: `User:${ids.granteeId}`, role_name, crn_pattern: place(crnOf(ids)) },
  })
  return [
    list(
      'listIamV2RoleBindings',
      on,
      (ids) => ids[binding],
      (ids) => ({ crn_pattern: `${crnOf(ids).organization}/*` }),
    ),
    call('createIamV2RoleBinding', 'c', on, create, { fresh: 'granteeId', elsewhere: unknownPlace }),
    call('getIamV2RoleBinding', 'r', on, (ids) => at(ids[binding])),
    call('deleteIamV2RoleBinding', 'd', on, (ids) => at(ids[binding]), { fresh: binding }),
  ]
}

function quotas(
  on: Thing,
  id: string,
  place: (ids: Ids) => Record<string, string>,
  shows: (ids: Ids) => string,
): Call[] {
  const placeless = on === 'quotaOfOrganization' ? ({ placeless: true } as const) : {}
  const scope = id.endsWith('org') ? 'ORGANIZATION' : id.endsWith('env') ? 'ENVIRONMENT' : 'KAFKA_CLUSTER'
  return [
    list('listServiceQuotaV1AppliedQuotas', on, shows, (ids) => ({ scope, ...place(ids) })),
    call('getServiceQuotaV1AppliedQuota', 'r', on, (ids) => ({ ...at(id), query: place(ids) }), placeless),
    call(
      'updateTributaryV1ServiceQuota',
      'u',
      on,
      (ids) => ({
        ...at(id),
        body: { applied_limit: 5000, ...place(ids) },
      }),
      placeless,
    ),
  ]
}

const newQuota = (ids: Ids, unique: string) => ({
  body: {
    spec: {
      display_name: unique,
      throughput: { ingress_byte_rate: '1000', egress_byte_rate: '1000' },
      cluster: { id: ids.clusterId },
      environment: { id: ids.environmentId },
      principals: [{ id: ids.granteeId }],
    },
  },
})

/** Every operation that roles decide on in the control plane: one that is not here fails the matrix. */
export const calls: readonly Call[] = [
  list('listOrgV2Organizations', 'organization', (ids) => ids.organizationId),
  call('getOrgV2Organization', 'r', 'organization', (ids) => at(ids.organizationId)),
  call('updateOrgV2Organization', 'u', 'organization', (ids) => ({
    ...at(ids.organizationId),
    body: rename('renamed'),
  })),

  list('listOrgV2Environments', 'environment', (ids) => ids.environmentId),
  call('createOrgV2Environment', 'c', 'environment', (_, unique) => ({ body: rename(unique) }), { placeless: true }),
  call('getOrgV2Environment', 'r', 'environment', (ids) => at(ids.environmentId)),
  call('updateOrgV2Environment', 'u', 'environment', (ids, unique) => ({
    ...at(ids.environmentId),
    body: rename(unique),
  })),
  // It has clusters.
  call('deleteOrgV2Environment', 'd', 'environment', (ids) => at(ids.environmentId), { allowed: 409 }),

  list('listIamV2ServiceAccounts', 'serviceAccount', (ids) => ids.serviceAccountId),
  call('createIamV2ServiceAccount', 'c', 'serviceAccount', (_, unique) => ({ body: rename(unique) }), {
    placeless: true,
  }),
  call('getIamV2ServiceAccount', 'r', 'serviceAccount', (ids) => at(ids.serviceAccountId)),
  call('updateIamV2ServiceAccount', 'u', 'serviceAccount', (ids, unique) => ({
    ...at(ids.serviceAccountId),
    body: rename(unique),
  })),
  call('deleteIamV2ServiceAccount', 'd', 'serviceAccount', (ids) => at(ids.serviceAccountId), {
    fresh: 'serviceAccountId',
  }),

  list('listIamV2Users', 'user', (ids) => ids.userId),
  call('getIamV2User', 'r', 'user', (ids) => at(ids.userId)),
  call('updateIamV2User', 'u', 'user', (ids, unique) => ({ ...at(ids.userId), body: { full_name: unique } })),
  // The last administrator.
  call('deleteIamV2User', 'd', 'user', (ids) => at(ids.userId), { allowed: 409 }),

  ...keys('cloudKey', 'cloudKeyId'),
  ...keys('clusterKey', 'clusterKeyId'),
  ...bindings('bindingOnOrganization', 'organizationBindingId', ({ organization }) => organization),
  ...bindings('bindingOnEnvironment', 'environmentBindingId', ({ environment }) => environment),
  ...bindings('bindingOnCluster', 'clusterBindingId', ({ cluster }) => cluster),
  ...bindings('bindingOnTopic', 'topicBindingId', ({ topic }) => topic),

  list('listCmkV2Clusters', 'cluster', (ids) => ids.clusterId, inEnvironment),
  call(
    'createCmkV2Cluster',
    'c',
    'cluster',
    (ids, unique) => ({ body: clusterSpec(ids.environmentId, { display_name: unique }) }),
    { elsewhere: whoMayAnywhere },
  ),
  call('getCmkV2Cluster', 'r', 'cluster', (ids) => ({ ...at(ids.clusterId), query: inEnvironment(ids) })),
  call('updateCmkV2Cluster', 'u', 'cluster', (ids, unique) => ({
    ...at(ids.clusterId),
    body: { spec: { ...rename(unique), environment: { id: ids.environmentId } } },
  })),
  // It is protected.
  call('deleteCmkV2Cluster', 'd', 'cluster', (ids) => ({ ...at(ids.clusterId), query: inEnvironment(ids) }), {
    allowed: 409,
  }),
  call('republishTributaryV1ClusterAccess', 'u', 'cluster', (ids) => at(ids.clusterId)),
  call('listTributaryV1Operations', 'r', 'stepsOfCluster', (ids) => ({ query: { resource: ids.clusterId } })),
  list(
    'searchTributaryV1Topics',
    'topic',
    (ids) => ids.topicName,
    (ids) => ({ search: ids.topicName }),
  ),

  ...quotas(
    'quotaOfOrganization',
    'iam.max_environments.per_org',
    () => ({}),
    (ids) => ids.organizationId,
  ),
  ...quotas('quotaOfEnvironment', 'kafka.max_kafka_clusters.per_env', inEnvironment, (ids) => ids.environmentId),
  ...quotas(
    'quotaOfCluster',
    'kafka.max_api_keys.per_cluster',
    (ids) => ({ kafka_cluster: ids.clusterId }),
    (ids) => ids.clusterId,
  ),

  list(
    'listKafkaQuotasV1ClientQuotas',
    'clientQuota',
    (ids) => ids.clientQuotaId,
    (ids) => ({
      'spec.cluster': ids.clusterId,
      ...inEnvironment(ids),
    }),
  ),
  call('createKafkaQuotasV1ClientQuota', 'c', 'clientQuota', newQuota, {
    fresh: 'granteeId',
    inCluster: true,
    elsewhere: unknownPlace,
  }),
  call('getKafkaQuotasV1ClientQuota', 'r', 'clientQuota', (ids) => at(ids.clientQuotaId)),
  call('updateKafkaQuotasV1ClientQuota', 'u', 'clientQuota', (ids, unique) => ({
    ...at(ids.clientQuotaId),
    body: { spec: rename(unique) },
  })),
  call('deleteKafkaQuotasV1ClientQuota', 'd', 'clientQuota', (ids) => at(ids.clientQuotaId), {
    fresh: 'clientQuotaId',
  }),
]

import type { Organization } from '@tributary/testkit/installation'

/**
 * How each list that is paged is filled. Rows stand at positions: an id is made of its position, so that one can be put
 * exactly between two others. All of them were created at the same time.
 */
export interface List {
  operation: string
  path: (place: Place) => string
  /** Other filters that the list takes: tokens of one are none of the other. */
  otherFilters: (place: Place) => string
  /** Undefined for a list in which nothing comes or goes. */
  rows?: Rows
}

export interface Rows {
  /** SQL that puts rows at the positions $1 of the organization $2. */
  insert: string
  remove: string
  /** Of an item in the answer. */
  position: (item: Item) => number
  descending?: boolean
}

export interface Place extends Pick<Organization, 'organizationId' | 'environmentId'> {
  clusterId: string
  serviceAccountId: string
}

// oxlint-disable-next-line no-explicit-any -- each list has items of its own
type Item = any

const idOf = (prefix: string) => `'${prefix}' || lpad(position::text, 9, '0')`
const positionIn = (id: string) => Number(/(\d{9})$/.exec(id)?.[1])

/** Rows of a table that are marked when they are deleted. */
function table(name: string, prefix: string, columns: Record<string, string>): Rows {
  const values = { organization_id: '$2::uuid', created_at: `'2026-01-01'`, ...columns }
  return {
    insert: `
      INSERT INTO ${name} (id, ${Object.keys(values).join(', ')})
      SELECT ${idOf(prefix)}, ${Object.values(values).join(', ')} FROM unnest($1::int[]) AS position`,
    remove: `
      UPDATE ${name} SET deleted_at = now()
      WHERE organization_id = $2::uuid AND id IN (SELECT ${idOf(prefix)} FROM unnest($1::int[]) AS position)`,
    position: ({ id }) => positionIn(id),
  }
}

const environments = (prefix: string) => table('environments', prefix, { display_name: `'${prefix}' || position` })

const theCluster = `(SELECT min(id) FROM kafka_clusters WHERE organization_id = $2::uuid AND display_name = 'the cluster')`

export const lists: readonly List[] = [
  {
    operation: 'listOrgV2Organizations',
    path: () => '/org/v2/organizations',
    otherFilters: () => '',
  },
  {
    operation: 'listOrgV2Environments',
    path: () => '/org/v2/environments',
    otherFilters: () => '',
    rows: environments('env-'),
  },
  {
    operation: 'listIamV2ServiceAccounts',
    path: () => '/iam/v2/service-accounts',
    otherFilters: () => 'display_name=another',
    rows: table('service_accounts', 'sa-', { display_name: `'account ' || position`, description: `''` }),
  },
  {
    operation: 'listIamV2Users',
    path: () => '/iam/v2/users',
    otherFilters: () => '',
    rows: table('users', 'u-', { email: `position || '@example.com'`, full_name: `''` }),
  },
  {
    operation: 'listIamV2RoleBindings',
    path: ({ organizationId, serviceAccountId }) =>
      `/iam/v2/role-bindings?principal=User:${serviceAccountId}&crn_pattern=crn://confluent.cloud/organization=${organizationId}/*`,
    otherFilters: () => 'role_name=CloudClusterAdmin',
    rows: table('role_bindings', 'rb-', {
      principal: `'User:' || (SELECT min(id) FROM service_accounts WHERE organization_id = $2::uuid AND display_name = 'the account')`,
      role_name: `'EnvironmentAdmin'`,
      crn_pattern: `'crn://confluent.cloud/organization=' || $2 || '/environment=env-' || position`,
    }),
  },
  {
    operation: 'listIamV2ApiKeys',
    path: ({ serviceAccountId }) => `/iam/v2/api-keys?spec.owner=${serviceAccountId}`,
    otherFilters: () => 'spec.resource=cloud',
    rows: table('api_keys', 'KEY', {
      owner_id: `(SELECT min(id) FROM service_accounts WHERE organization_id = $2::uuid AND display_name = 'the account')`,
      display_name: `''`,
      description: `''`,
      salt: `''`,
      hash: `''`,
    }),
  },
  {
    operation: 'listCmkV2Clusters',
    path: ({ environmentId }) => `/cmk/v2/clusters?environment=${environmentId}&spec.deletion_protection=false`,
    otherFilters: () => '',
    rows: table('kafka_clusters', 'lkc-', {
      environment_id: `(SELECT min(id) FROM environments WHERE organization_id = $2::uuid AND display_name = 'default')`,
      display_name: `'cluster ' || position`,
      availability: `'SINGLE_ZONE'`,
      cloud: `'AWS'`,
      region: `'us-east-2'`,
      type: `'Basic'`,
    }),
  },
  {
    operation: 'listServiceQuotaV1Scopes',
    path: () => '/service-quota/v1/scopes',
    otherFilters: () => '',
  },
  {
    operation: 'listServiceQuotaV1AppliedQuotas',
    path: () => '/service-quota/v1/applied-quotas?scope=ENVIRONMENT',
    otherFilters: () => 'id=kafka.max_kafka_clusters.per_env',
    rows: { ...environments('env-q'), position: (item) => positionIn(item.environment.id) },
  },
  {
    operation: 'listKafkaQuotasV1ClientQuotas',
    path: ({ environmentId, clusterId }) =>
      `/kafka-quotas/v1/client-quotas?environment=${environmentId}&spec.cluster=${clusterId}`,
    otherFilters: () => '',
    rows: {
      ...table('client_quotas', 'cq-', {}),
      insert: `
        WITH quota AS (
          INSERT INTO client_quotas (id, organization_id, created_at, cluster_id, display_name, description, ingress_byte_rate, egress_byte_rate)
          SELECT ${idOf('cq-')}, $2::uuid, '2026-01-01', ${theCluster}, '', '', 1000, 1000 FROM unnest($1::int[]) AS position
          RETURNING id, cluster_id, organization_id)
        INSERT INTO client_quota_principals (cluster_id, principal, organization_id, client_quota_id, position)
        SELECT cluster_id, 'sa-' || id, organization_id, id, 1 FROM quota`,
    },
  },
  {
    operation: 'searchTributaryV1Topics',
    path: ({ environmentId }) => `/tributary/v1/topics?environment=${environmentId}`,
    otherFilters: () => 'search=orders',
    rows: {
      insert: `
        INSERT INTO kafka_topics (cluster_id, name, organization_id, partitions_count, replication_factor)
        SELECT ${theCluster}, ${idOf('orders.')}, $2::uuid, 1, 1 FROM unnest($1::int[]) AS position`,
      remove: `
        DELETE FROM kafka_topics
        WHERE organization_id = $2::uuid AND name IN (SELECT ${idOf('orders.')} FROM unnest($1::int[]) AS position)`,
      position: (item) => positionIn(item.topic_name),
    },
  },
  {
    operation: 'listTributaryV1Operations',
    path: ({ clusterId }) => `/tributary/v1/operations?resource=${clusterId}`,
    otherFilters: () => '',
    rows: {
      insert: `
        INSERT INTO steps (sequence, kind, resource_id, organization_id, generation, name, status, started_at)
        SELECT position, 'kafka-cluster', ${theCluster}, $2::uuid, 1, 'look', 'COMPLETED', '2026-01-01'
        FROM unnest($1::int[]) AS position`,
      remove: `DELETE FROM steps WHERE organization_id = $2::uuid AND sequence = ANY($1::int[])`,
      position: ({ id }) => Number(id),
      descending: true,
    },
  },
]

/** What else is in these lists, and who makes the requests: out of the way, so that each list is its rows alone. */
export const hideOthers = `
  WITH environment AS (UPDATE environments SET deleted_at = now() WHERE organization_id = $1::uuid),
       account AS (UPDATE service_accounts SET deleted_at = now() WHERE organization_id = $1::uuid),
       cluster AS (UPDATE kafka_clusters SET deletion_protection = true WHERE organization_id = $1::uuid)
  UPDATE users SET deleted_at = now() WHERE organization_id = $1::uuid`

import type { Permission } from '../permissions.ts'
import type { Level, ResourceType } from './place.ts'

/** What Kafka's brokers tell apart (org.apache.kafka.common.acl.AclOperation), listed one by one. */
export type KafkaOperation =
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'DESCRIBE_CONFIGS'
  | 'ALTER_CONFIGS'
  | 'IDEMPOTENT_WRITE'

export type KafkaOperations = Readonly<Partial<Record<ResourceType | 'cluster', readonly KafkaOperation[]>>>

export interface Role {
  /** Where it may be bound. */
  levels: readonly Level[]
  /** In the control plane, on everything in the place where it is bound; on what belongs to no place, `inOrganization`. */
  permissions: 'every' | readonly Permission[]
  inOrganization: readonly Permission[]
  /** In the brokers of the clusters in that place. Bound to one type of resource it gives what stands there for the type. */
  operations: KafkaOperations
}

const everything: KafkaOperations = {
  topic: ['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  group: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  'transactional-id': ['WRITE', 'DESCRIBE'],
  // ALTER is for ACLs: the brokers keep what else it stands for to the control plane.
  cluster: ['CREATE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'IDEMPOTENT_WRITE'],
}
const { cluster: _, ...everyResource } = everything

const clusterAdministration: readonly Permission[] = [
  'kafka-cluster:describe',
  'kafka-cluster:update',
  'kafka-cluster:delete',
  'api-key:create',
  'api-key:describe',
  'api-key:update',
  'api-key:delete',
  'role-binding:create',
  'role-binding:describe',
  'role-binding:delete',
  'topic:describe',
  'client-quota:create',
  'client-quota:describe',
  'client-quota:update',
  'client-quota:delete',
  'service-quota:describe',
  'operation:describe',
]

/** Whoever grants must be able to name whom. */
const principals: readonly Permission[] = ['organization:describe', 'service-account:describe', 'user:describe']

/** The roles that are enforced, in the control plane and in the brokers. */
export const roles = {
  OrganizationAdmin: { levels: ['organization'], permissions: 'every', inOrganization: [], operations: everything },
  EnvironmentAdmin: {
    levels: ['environment'],
    permissions: [
      'environment:describe',
      'environment:update',
      'environment:delete',
      'kafka-cluster:create',
      ...clusterAdministration,
    ],
    inOrganization: principals,
    operations: everything,
  },
  CloudClusterAdmin: {
    levels: ['cluster'],
    permissions: clusterAdministration,
    inOrganization: principals,
    operations: everything,
  },
  Operator: {
    levels: ['organization', 'environment', 'cluster'],
    permissions: [
      'organization:describe',
      'environment:describe',
      'kafka-cluster:describe',
      'topic:describe',
      'client-quota:describe',
      'service-quota:describe',
      'operation:describe',
    ],
    inOrganization: [],
    operations: {
      topic: ['DESCRIBE', 'DESCRIBE_CONFIGS'],
      group: ['DESCRIBE'],
      'transactional-id': ['DESCRIBE'],
      cluster: ['DESCRIBE', 'DESCRIBE_CONFIGS'],
    },
  },
  MetricsViewer: {
    levels: ['organization', 'environment', 'cluster'],
    permissions: [],
    inOrganization: [],
    operations: {},
  },
  ResourceOwner: {
    levels: ['resource'],
    permissions: ['topic:describe', 'role-binding:create', 'role-binding:describe', 'role-binding:delete'],
    inOrganization: principals,
    operations: everyResource,
  },
  DeveloperRead: {
    levels: ['resource'],
    permissions: ['topic:describe'],
    inOrganization: [],
    operations: {
      topic: ['READ', 'DESCRIBE'],
      group: ['READ', 'DESCRIBE'],
      'transactional-id': ['DESCRIBE'],
    },
  },
  DeveloperWrite: {
    levels: ['resource'],
    permissions: ['topic:describe'],
    inOrganization: [],
    operations: { topic: ['WRITE', 'DESCRIBE'], 'transactional-id': ['WRITE', 'DESCRIBE'] },
  },
  DeveloperManage: {
    levels: ['resource'],
    permissions: ['topic:describe'],
    inOrganization: [],
    operations: {
      topic: ['CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
      group: ['DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
      'transactional-id': ['DESCRIBE'],
    },
  },
} as const satisfies Record<string, Role>

export type RoleName = keyof typeof roles

export const isRoleName = (name: string): name is RoleName => Object.hasOwn(roles, name)
export const roleOf = (name: RoleName): Role => roles[name]

/** Confluent Cloud's other roles: what they are about is not built yet, so nobody is given them. */
export const rolesToCome: readonly string[] = [
  'AccountAdmin',
  'Assigner',
  'BillingAdmin',
  'BillingViewer',
  'ConnectManager',
  'DataDiscovery',
  'DataSteward',
  'FlinkAdmin',
  'FlinkDeveloper',
  'KsqlAdmin',
  'NetworkAdmin',
  'ResourceKeyAdmin',
  'TableflowAdmin',
]

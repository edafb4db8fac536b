/** What an operation needs. The names follow Confluent's resource types and operations. */
export type Permission =
  | 'organization:describe'
  | 'organization:update'
  | 'environment:create'
  | 'environment:describe'
  | 'environment:update'
  | 'environment:delete'
  | 'service-account:create'
  | 'service-account:describe'
  | 'service-account:update'
  | 'service-account:delete'
  | 'user:describe'
  | 'user:update'
  | 'user:delete'
  | 'api-key:create'
  | 'api-key:describe'
  | 'api-key:update'
  | 'api-key:delete'
  | 'kafka-cluster:create'
  | 'kafka-cluster:describe'
  | 'kafka-cluster:update'
  | 'kafka-cluster:delete'
  | 'operation:describe'

/** What the principal itself may always do: read what it is, and nothing else. */
const ownPermissions: ReadonlySet<Permission> = new Set<Permission>([
  'user:describe',
  'service-account:describe',
  'api-key:describe',
])

export interface Grantee {
  principalId: string
  roles: readonly string[]
}

/**
 * Organization administrators may do everything. Anyone else may read itself: `owner` is the
 * principal that a target is or belongs to.
 */
export function isAllowed(grantee: Grantee, permission: Permission, owner?: string): boolean {
  if (grantee.roles.includes('OrganizationAdmin')) return true
  return owner === grantee.principalId && ownPermissions.has(permission)
}

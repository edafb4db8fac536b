import type { Permission } from '../permissions.ts'
import type { Grant } from './grantsOn.ts'
import { contains, levelOf, type Place } from './place.ts'
import { roleOf } from './roles.ts'

export interface Grantee {
  principalId: string
  grants: readonly Grant[]
}

/** What an operation is done to: where it is, and whose. */
export interface Subject {
  place: Place
  /** The principal that it is, or belongs to. */
  owner?: string | undefined
}

/** What a principal may always do with what it is or has. Keys that a machine has are not the machine's to change. */
const ofOneself: ReadonlySet<Permission> = new Set<Permission>([
  'user:describe',
  'service-account:describe',
  'api-key:describe',
  'role-binding:describe',
])
const ofOneselfAsUser: ReadonlySet<Permission> = new Set<Permission>([
  'api-key:create',
  'api-key:update',
  'api-key:delete',
])

/** Who has something somewhere sees what it is in. */
const ofWhatIsAround: ReadonlySet<Permission> = new Set<Permission>([
  'organization:describe',
  'environment:describe',
  'kafka-cluster:describe',
])

export function isAllowed(grantee: Grantee, permission: Permission, { place, owner }: Subject): boolean {
  if (owner === grantee.principalId && isOfOneself(owner, permission)) return true
  if (ofWhatIsAround.has(permission) && grantee.grants.some((grant) => contains(place, grant.place))) return true
  return isGranted(grantee, permission, place)
}

/** By a role, on everything in the place: what can be given away. */
export const isGranted = ({ grants }: Grantee, permission: Permission, place: Place): boolean =>
  grants.some(
    (grant) =>
      (gives(grant, permission) && contains(grant.place, place)) ||
      (levelOf(place) === 'organization' && givesInOrganization(grant, permission)),
  )

function isOfOneself(principalId: string, permission: Permission) {
  return ofOneself.has(permission) || (principalId.startsWith('u-') && ofOneselfAsUser.has(permission))
}

export function gives({ role }: Grant, permission: Permission): boolean {
  const { permissions } = roleOf(role)
  return permissions === 'every' || permissions.includes(permission)
}

/** On what belongs to the organization as a whole. */
export const givesInOrganization = ({ role }: Grant, permission: Permission): boolean =>
  roleOf(role).inOrganization.includes(permission)

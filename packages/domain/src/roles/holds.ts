import { everyPermission } from '../permissions.ts'
import type { Grant } from './grantsOn.ts'
import { isGranted, type Grantee } from './isAllowed.ts'
import { contains, resourceTypes, type Place, type ResourceType } from './place.ts'
import { roleOf, type KafkaOperation } from './roles.ts'

/**
 * Whether somebody holds everything that a grant gives: who gives it away, or makes a key for one who has it,
 * must not gain by that. Each single right counts, whichever of one's own roles it comes from.
 */
export function holds(grantee: Grantee, { role, place }: Grant): boolean {
  const { permissions, inOrganization, operations } = roleOf(role)
  const wanted = permissions === 'every' ? everyPermission : permissions
  return (
    wanted.every((permission) => isGranted(grantee, permission, place)) &&
    inOrganization.every((permission) => isGranted(grantee, permission, {})) &&
    typesIn(place).every((type) =>
      (operations[type] ?? []).every((operation) => mayDo(grantee, operation, type, withType(place, type))),
    )
  )
}

const typesIn = ({ resource }: Place): readonly (ResourceType | 'cluster')[] =>
  resource === undefined ? [...resourceTypes, 'cluster'] : [resource.type]

/** All resources of one type, where a place is wider than that. */
const withType = (place: Place, type: ResourceType | 'cluster'): Place =>
  place.resource !== undefined || type === 'cluster'
    ? place
    : { ...place, resource: { type, name: '', prefixed: true } }

const mayDo = ({ grants }: Grantee, operation: KafkaOperation, type: ResourceType | 'cluster', place: Place) =>
  grants.some((own) => roleOf(own.role).operations[type]?.includes(operation) === true && contains(own.place, place))

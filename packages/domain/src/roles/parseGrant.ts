import { errors } from '../errors.ts'
import type { OrganizationId } from '../ids.ts'
import { parseCrnPattern } from './crnPattern.ts'
import type { Grant } from './grantsOn.ts'
import { levelOf } from './place.ts'
import { isRoleName, roleOf, roles, rolesToCome } from './roles.ts'

/** The grant that a role binding asks for; what is wrong with it is thrown as an error that points at the field. */
export function parseGrant(
  organizationId: OrganizationId,
  { role_name: name, crn_pattern: crnPattern }: { role_name: string; crn_pattern: string },
): Grant {
  const atPattern = { pointer: '/crn_pattern' }
  const parsed = parseCrnPattern(crnPattern)
  if ('problem' in parsed) throw errors.invalid(`The CRN pattern is not one: ${parsed.problem}`, atPattern)
  if (parsed.organizationId !== organizationId) {
    throw errors.invalid('The CRN pattern names an organization that is not yours.', atPattern)
  }
  const role = roleNamed(name)
  const { levels, operations } = roleOf(role)
  const { place } = parsed
  if (!levels.includes(levelOf(place))) {
    throw errors.invalid(`${role} is bound to ${levels.map((level) => words[level]).join(', or ')}.`, atPattern)
  }
  if (place.resource !== undefined && operations[place.resource.type] === undefined) {
    throw errors.invalid(`${role} gives nothing on a ${place.resource.type}.`, atPattern)
  }
  return { role, place }
}

function roleNamed(name: string) {
  const at = { pointer: '/role_name' }
  if (isRoleName(name)) return name
  if (rolesToCome.includes(name)) throw errors.notBuilt(`What the role ${name} is about`, at)
  throw errors.invalid(`There is no such role. There are ${Object.keys(roles).join(', ')}.`, at)
}

const words = {
  organization: 'the organization',
  environment: 'an environment',
  cluster: 'a cluster (…/cloud-cluster=lkc-…)',
  resource: 'a topic, group or transactional-id (…/kafka=lkc-…/topic=name or prefix*)',
} as const

import { errors } from '@tributary/domain/errors'
import type { PrincipalId } from '@tributary/domain/ids'
import type { Grant } from '@tributary/domain/roles/grantsOn'
import { holds } from '@tributary/domain/roles/holds'
import sql, { raw } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { findGrants } from '../roleBindings/findGrants.ts'

/**
 * Does what makes a key for a principal: only for oneself, or for a service account all of whose roles the caller
 * holds too. Otherwise making a key would be a way to rights that nobody granted.
 */
export async function makingKeysFor<Result>(
  caller: Caller,
  ownerId: PrincipalId,
  make: (caller: Caller) => Promise<Result>,
): Promise<Result> {
  if (ownerId === caller.principalId) return make(caller)
  if (ownerId.startsWith('u-')) throw errors.cannotGive('Only the user itself makes keys of a user.')
  if (holds(caller, everything)) return make(caller)
  return caller.scope.transaction(async (scope) => {
    // Whoever grants the owner something waits for this, or this sees it.
    await scope.query(lockOwner(caller, ownerId))
    const grants = await findGrants(scope, ownerId)
    if (!grants.every((grant) => holds(caller, grant))) {
      throw errors.cannotGive('This service account holds roles that you do not hold, so you cannot make a key for it.')
    }
    return make({ ...caller, scope })
  })
}

const everything: Grant = { role: 'OrganizationAdmin', place: {} }

export const findOwner = ({ organizationId }: Caller, ownerId: PrincipalId) => sql`
  SELECT id FROM ${raw(ownerId.startsWith('u-') ? 'users' : 'service_accounts')}
  WHERE organization_id = ${organizationId}::uuid AND id = ${ownerId} AND deleted_at IS NULL`

/** A share of the owner's row: whoever deletes the owner waits, and then sees its new key too. */
export const lockOwner = (caller: Caller, ownerId: PrincipalId) => sql`${findOwner(caller, ownerId)} FOR SHARE`

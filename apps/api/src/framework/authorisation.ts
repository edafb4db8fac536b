import type { Caller } from '@tributary/control/caller'
import { errors } from '@tributary/domain/errors'
import { isAllowed, type Permission } from '@tributary/domain/permissions'
import type { Access, Visibility } from './operation.ts'

/**
 * Refuses what the caller may not do. Clients take a 403 for "it is gone" as readily as a 404, so what
 * the caller may not even see is a 404 like any other.
 */
export function authorise(
  access: Access,
  caller: Caller,
  target: { owner: string | undefined } | undefined,
): Visibility {
  if (typeof access === 'string') return 'all'
  const grantee = { principalId: caller.principalId, roles: caller.roles }
  if ('visible' in access) return isAllowed(grantee, access.visible) ? 'all' : { ownedBy: caller.principalId }
  const { permission } = access
  if (isAllowed(grantee, permission, target?.owner)) return 'all'
  const maySee = target === undefined || isAllowed(grantee, describing(permission), target.owner)
  throw maySee ? errors.forbidden(permission) : errors.notFound()
}

const describing = (permission: Permission) => `${permission.split(':')[0]}:describe` as Permission

import type { Caller } from '@tributary/control/caller'
import { errors } from '@tributary/domain/errors'
import type { Permission } from '@tributary/domain/permissions'
import { isAllowed, type Subject } from '@tributary/domain/roles/isAllowed'
import { visibleTo, type Visibility } from '@tributary/domain/roles/visibleTo'
import type { Access } from './operation.ts'

/**
 * Refuses what the caller may not do. Clients take a 403 for "it is gone" as readily as a 404, so what
 * the caller may not even see is a 404 like any other.
 */
export function authorise(access: Access, caller: Caller, subject: Subject): Visibility {
  if (typeof access === 'string') return 'all'
  if ('visible' in access) return visibleTo(caller, access.visible)
  const { permission } = access
  if (isAllowed(caller, permission, subject)) return 'all'
  // What is to be made is nothing yet that could be hidden.
  const maySee = permission.endsWith(':create') || isAllowed(caller, describing(permission), subject)
  throw maySee ? errors.forbidden(permission) : errors.notFound()
}

const describing = (permission: Permission) => `${permission.split(':')[0]}:describe` as Permission

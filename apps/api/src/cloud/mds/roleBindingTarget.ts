import { RoleBindingIdText } from '@tributary/contract/text'
import type { Caller } from '@tributary/control/caller'
import { findRoleBinding } from '@tributary/control/roleBindings/findRoleBinding'
import { placeOf } from '@tributary/control/roleBindings/placeOf'
import type { RoleBinding } from '@tributary/control/roleBindings/roleBinding'
import type { Subject } from '@tributary/domain/roles/isAllowed'
import { z } from 'zod'

export const RoleBindingParams = z.object({ id: RoleBindingIdText })

export const roleBindingTarget = ({ params, caller }: { params: z.output<typeof RoleBindingParams>; caller: Caller }) =>
  findRoleBinding(caller, params.id)

/** Whoever was granted it may see it. */
export const roleBindingSubject = ({ target }: { target: RoleBinding }): Subject => ({
  place: placeOf(target),
  owner: target.principal.replace(/^User:/, ''),
})

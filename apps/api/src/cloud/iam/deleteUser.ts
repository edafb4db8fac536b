import { deleteUser as remove } from '@tributary/control/users/deleteUser'
import { operation } from '../../framework/operation.ts'
import { userSubject, UserParams, userTarget } from './userTarget.ts'

export const deleteUser = operation({
  id: 'deleteIamV2User',
  summary: 'Delete a user, and its API keys with it; never the last administrator',
  method: 'DELETE',
  path: '/iam/v2/users/{id}',
  access: { permission: 'user:delete' },
  params: UserParams,
  reply: { status: 204 },
  target: userTarget,
  subject: userSubject,
  handle: ({ target, caller }) => remove(caller, target),
})

import { UpdateUser, User } from '@tributary/contract/cloud/iam'
import { updateUser as update } from '@tributary/control/users/updateUser'
import { operation } from '../../framework/operation.ts'
import { renderUser } from './renderUser.ts'
import { userSubject, UserParams, userTarget } from './userTarget.ts'

export const updateUser = operation({
  id: 'updateIamV2User',
  summary: 'Rename a user',
  method: 'PATCH',
  path: '/iam/v2/users/{id}',
  access: { permission: 'user:update' },
  params: UserParams,
  body: UpdateUser,
  reply: { status: 200, body: User },
  target: userTarget,
  subject: userSubject,
  handle: async ({ body, target, caller }, { publicUrl }) =>
    renderUser(publicUrl, await update(caller, target, { fullName: body.full_name })),
})

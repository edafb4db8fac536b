import { User } from '@tributary/contract/cloud/iam'
import { operation } from '../../framework/operation.ts'
import { renderUser } from './renderUser.ts'
import { userSubject, UserParams, userTarget } from './userTarget.ts'

export const getUser = operation({
  id: 'getIamV2User',
  summary: 'Read a user',
  method: 'GET',
  path: '/iam/v2/users/{id}',
  access: { permission: 'user:describe' },
  params: UserParams,
  reply: { status: 200, body: User },
  target: userTarget,
  subject: userSubject,
  handle: async ({ target }, { publicUrl }) => renderUser(publicUrl, target),
})

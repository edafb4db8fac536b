import { Me } from '@tributary/contract/sessions/sessions'
import { findProfile } from '@tributary/control/sessions/findProfile'
import { operation } from '../framework/operation.ts'

export const getMe = operation({
  id: 'getMe',
  summary: 'Read who is signed in',
  method: 'GET',
  path: '/api/me',
  access: 'self',
  reply: { status: 200, body: Me },
  target: ({ caller }) => findProfile(caller.scope, caller.principalId),
  handle: async ({ target: { user, organization, environments } }) => ({
    user,
    organization,
    ...(environments[0] === undefined ? {} : { account: environments[0] }),
    accounts: environments,
  }),
})

import { Realm } from '@tributary/contract/sessions/sessions'
import { operation } from '../framework/operation.ts'

/** The same for every address: whether it is anyone's is not for strangers to learn. */
export const getRealm = operation({
  id: 'getLoginRealm',
  summary: 'Read how an e-mail address signs in: with a password',
  method: 'GET',
  path: '/api/login/realm',
  access: 'public',
  reply: { status: 200, body: Realm },
  handle: async () => ({ is_sso: false, mfa_required: false, realm: '' }),
})

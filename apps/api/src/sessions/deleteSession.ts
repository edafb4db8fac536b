import { endSession } from '@tributary/control/sessions/endSession'
import { operation } from '../framework/operation.ts'

export const deleteSession = operation({
  id: 'deleteSession',
  summary: 'Sign out: every token of the session is refused from now on',
  method: 'DELETE',
  path: '/api/sessions',
  access: 'self',
  reply: { status: 204 },
  handle: ({ caller }) => endSession(caller),
})

import { AccessToken, CreateAccessToken } from '@tributary/contract/sessions/sessions'
import { dataPlaneTokenTtlMs } from '@tributary/control/sessions/session'
import { errors } from '@tributary/domain/errors'
import { operation } from '../framework/operation.ts'

/** For Kafka REST; the token ends with its session. Who shows an API key needs none: clusters have keys of their own. */
export const createAccessToken = operation({
  id: 'createAccessToken',
  summary: 'Get a token for the data planes, as whoever is signed in',
  method: 'POST',
  path: '/api/access_tokens',
  access: 'self',
  body: CreateAccessToken,
  reply: { status: 200, body: AccessToken },
  handle: async ({ caller }, { sessions, clock }) => {
    if (caller.sessionId === undefined) {
      throw errors.cannotGive('Only who signed in gets such a token. With an API key, make a key of the cluster.')
    }
    const expiresAt = new Date(clock.now().getTime() + dataPlaneTokenTtlMs)
    return { token: sessions.sign(caller.sessionId, 'data-plane', expiresAt) }
  },
})

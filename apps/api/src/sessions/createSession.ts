import { Session, SignIn } from '@tributary/contract/sessions/sessions'
import { findProfile } from '@tributary/control/sessions/findProfile'
import { refreshSession } from '@tributary/control/sessions/refreshSession'
import { accessTokenTtlMs } from '@tributary/control/sessions/session'
import { signIn } from '@tributary/control/sessions/signIn'
import { errors } from '@tributary/domain/errors'
import type { z } from 'zod'
import { operation } from '../framework/operation.ts'
import type { Services } from '../services.ts'

export const createSession = operation({
  id: 'createSession',
  summary: 'Sign in with a password, or go on with a refresh token',
  method: 'POST',
  path: '/api/sessions',
  access: 'public',
  body: SignIn,
  reply: { status: 200, body: Session },
  handle: async ({ body, address, requestId }, services) => {
    const { database, sessions, clock } = services
    const session =
      'refresh_token' in body
        ? await refreshSession(database, sessions.verify(body.refresh_token, 'refresh'))
        : await signInSlowly(body, address, requestId, services)
    const profile = await findProfile(database.within(session.organizationId), session.userId)
    if (profile === undefined) throw errors.badCredentials()
    const accessUntil = new Date(clock.now().getTime() + accessTokenTtlMs)
    return {
      token: sessions.sign(session.id, 'access', accessUntil),
      refresh_token: sessions.sign(session.id, 'refresh', session.expiresAt),
      user: profile.user,
      organization: profile.organization,
    }
  },
})

type Password = Exclude<z.output<typeof SignIn>, { refresh_token: string }>

async function signInSlowly(
  { email, password, org_resource_id }: Password,
  address: string,
  requestId: string,
  { database, signInThrottle }: Services,
) {
  const attempt = signInThrottle.begin(email, address)
  const credentials = { email, password, organizationId: org_resource_id ?? undefined }
  const session = await signIn(database, credentials, { operation: createSession.id, requestId })
  attempt.succeeded()
  return session
}

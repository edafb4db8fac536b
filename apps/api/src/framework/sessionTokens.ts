import jwt from '@fastify/jwt'
import { errors } from '@tributary/domain/errors'
import type { Clock } from '@tributary/kit/clock'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

/** What a token is for: the cloud APIs, the data plane, or the next pair of tokens. One is never taken for another. */
const uses = ['access', 'data-plane', 'refresh'] as const
export type TokenUse = (typeof uses)[number]

/** Tokens of sessions. They name a session and say no more: what it may do is looked up. */
export interface SessionTokens {
  sign(sessionId: string, use: TokenUse, expiresAt: Date): string
  /** The session's id. Throws a 401 for what was forged, has expired, or is for another use. */
  verify(token: string, use: TokenUse): string
}

const Claims = z.object({ sid: z.uuid(), use: z.enum(uses), exp: z.int() })

export async function createSessionTokens(app: FastifyInstance, key: Buffer, clock: Clock): Promise<SessionTokens> {
  // Whether one has expired is said below, by the clock that says when it does.
  const verify = { algorithms: ['HS256' as const], ignoreExpiration: true }
  await app.register(jwt, { secret: key, sign: { algorithm: 'HS256' }, verify })
  return {
    sign: (sid, use, expiresAt) => app.jwt.sign({ sid, use, exp: Math.floor(expiresAt.getTime() / 1000) }),
    verify: (token, use) => {
      const claims = Claims.safeParse(verified(app, token))
      if (!claims.success || claims.data.use !== use) throw errors.badCredentials()
      if (claims.data.exp * 1000 <= clock.now().getTime()) throw errors.badCredentials()
      return claims.data.sid
    },
  }
}

function verified(app: FastifyInstance, token: string): unknown {
  try {
    return app.jwt.verify(token)
  } catch {
    throw errors.badCredentials()
  }
}

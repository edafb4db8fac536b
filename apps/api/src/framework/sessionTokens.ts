import jwt from '@fastify/jwt'
import { errors } from '@tributary/domain/errors'
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

export async function createSessionTokens(app: FastifyInstance, key: Buffer): Promise<SessionTokens> {
  await app.register(jwt, { secret: key, sign: { algorithm: 'HS256' }, verify: { algorithms: ['HS256'] } })
  return {
    sign: (sid, use, expiresAt) => app.jwt.sign({ sid, use, exp: Math.floor(expiresAt.getTime() / 1000) }),
    verify: (token, use) => {
      const claims = Claims.safeParse(verified(app, token))
      if (!claims.success || claims.data.use !== use) throw errors.badCredentials()
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

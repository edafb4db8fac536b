import type { Log } from '@tributary/kit/log'
import jwt from '@fastify/jwt'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { errors } from '@tributary/domain/errors'
import type { Services } from '../services.ts'
import { bodyLimitBytes, publicError, renderError } from './errorRendering.ts'
import type { SessionClaims } from './authentication.ts'
import type { Envelope, Operation } from './operation.ts'
import { newRequestId, route } from './routes.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    envelope?: Envelope
  }
}

export interface ServerOptions {
  operations: readonly Operation[]
  services: Omit<Services, 'sessions'>
  sessionKey: Buffer
  log: Log
}

/** An HTTP server of the given operations. */
export async function createServer({ operations, services, sessionKey, log }: ServerOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    disableRequestLogging: true,
    genReqId: newRequestId,
    bodyLimit: bodyLimitBytes,
    rewriteUrl: (request) => withoutPrefixes(request.url ?? '/'),
    forceCloseConnections: 'idle',
  })
  app.setErrorHandler((thrown, request, reply) => {
    const error = publicError(thrown)
    if (error.status >= 500) request.log.error({ err: error.cause ?? error, requestId: request.id }, 'a request failed')
    if (error.status === 401) reply.header('www-authenticate', 'Basic realm="tributary", Bearer realm="tributary"')
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds))
    const envelope = request.routeOptions.config.envelope ?? envelopeOf(request.url)
    reply
      .status(error.status)
      .type('application/json; charset=utf-8')
      .serializer((body: object) => JSON.stringify(body))
      .send(renderError(error, envelope, request.id))
  })
  app.setNotFoundHandler(() => {
    throw errors.noSuchPath()
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  // DELETE and POST may come with a JSON content type and no body.
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text: string, done) => {
    if (text.trim() === '') return done(null, undefined)
    try {
      done(null, JSON.parse(text))
    } catch {
      done(errors.malformed('The body is not valid JSON.', { pointer: '' }))
    }
  })
  await app.register(jwt, { secret: sessionKey, sign: { algorithm: 'HS256' }, verify: { algorithms: ['HS256'] } })
  const sessions: Services['sessions'] = {
    sign: (claims, expiresIn) => app.jwt.sign(claims, { expiresIn: expiresIn * 1000 }),
    verify: (token) => app.jwt.verify<SessionClaims>(token),
  }
  for (const operation of operations) route(app, operation, { ...services, sessions })
  return app
}

/** Clients that signed in under `/confluent.cloud` keep it, and put `/api` before every path. */
const withoutPrefixes = (url: string) =>
  url.replace(/^\/confluent\.cloud(?=\/|\?|$)/, '').replace(/^\/api(?=\/)/, '') || '/'

const envelopeOf = (url: string): Envelope => (url.startsWith('/kafka/') ? 'kafkaRest' : 'cloud')

import type { Log } from '@tributary/kit/log'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawServerDefault,
} from 'fastify'
import { errors } from '@tributary/domain/errors'
import type { Services } from '../services.ts'
import { serveDocumentation } from './documentation.ts'
import { acceptDocuments } from './documents.ts'
import { bodyLimitBytes, publicError, renderError } from './errorRendering.ts'
import { serveHealth } from './health.ts'
import { serveMetrics } from './metrics.ts'
import type { Envelope, Operation } from './operation.ts'
import { jsonContentType, parseJson } from './requestBody.ts'
import { newRequestId, refuseOtherMethods, route } from './routes.ts'
import { createSessionTokens } from './sessionTokens.ts'
import { answerUnreadable } from './unreadableRequests.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    envelope?: Envelope
    /** Names the route in metrics. */
    operation?: string
  }
}

export interface ServerOptions {
  operations: readonly Operation[]
  services: Omit<Services, 'sessions'>
  sessionKey: Buffer
  /** The migrations that the database must have. */
  migrationsDirectory: string
  log: Log
}

/** Longer than any id or topic name. */
const longestParameter = 512
/** A request has this long to arrive whole. */
const requestTimeoutMs = 60_000

/** An HTTP server of the given operations. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { operations, sessionKey, migrationsDirectory, log } = options
  const { database, publicUrl, clock } = options.services
  const app = Fastify<RawServerDefault>({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: newRequestId,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    routerOptions: { maxParamLength: longestParameter },
    rewriteUrl: (request) => withoutPrefixes(request.url ?? '/'),
    forceCloseConnections: 'idle',
    frameworkErrors: answerError,
    clientErrorHandler: answerUnreadable,
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler(() => {
    throw errors.noSuchPath()
  })
  app.decorateRequest('identity', undefined)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  acceptJson(app)
  serveMetrics(app, database)
  serveHealth(app, database, migrationsDirectory)
  serveDocumentation(app, operations, publicUrl)
  const services = { ...options.services, sessions: await createSessionTokens(app, sessionKey, clock) }
  for (const operation of operations.filter(({ document }) => document === undefined)) route(app, operation, services)
  await app.register(async (streaming) => {
    acceptDocuments(streaming)
    for (const operation of operations.filter(({ document }) => document !== undefined)) {
      route(streaming, operation, services)
    }
  })
  refuseOtherMethods(app, operations)
  return app
}

function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = publicError(thrown)
  const { status, body } = renderError(error, envelopeOf(request), request.id)
  if (status >= 500) request.log.error({ err: error.cause ?? error, requestId: request.id }, 'a request failed')
  if (status === 401) reply.header('www-authenticate', 'Basic realm="tributary", Bearer realm="tributary"')
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds))
  reply
    .status(status)
    .header('x-request-id', request.id)
    .type('application/json; charset=utf-8')
    .serializer((value: object) => JSON.stringify(value))
    .send(body)
}

/** JSON and nothing else. A content type may come without a body. */
function acceptJson(app: FastifyInstance) {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(jsonContentType, { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) =>
    parseJson(bytes),
  )
}

/** Clients that signed in under `/confluent.cloud` keep it, and put `/api` before every path. */
const withoutPrefixes = (url: string) =>
  url
    .replace(/^https?:\/\/[^/?#]*/i, '')
    .replace(/^\/confluent\.cloud(?=\/|\?|$)/, '')
    .replace(/^\/api(?=\/)/, '')
    .replace(/^(?!\/)/, '/')

const envelopeOf = ({ routeOptions, url }: FastifyRequest): Envelope =>
  routeOptions.config?.envelope ?? (url.startsWith('/kafka/') ? 'kafkaRest' : 'cloud')

import { randomUUID } from 'node:crypto'
import { pageFrom, PageQuery } from '@tributary/contract/cloud/paging'
import type { Caller } from '@tributary/control/caller'
import type { Scope } from '@tributary/database/database'
import { AppError, errors } from '@tributary/domain/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Services } from '../services.ts'
import { authenticate, type Identity } from './authentication.ts'
import { authorise } from './authorisation.ts'
import { answerDocuments } from './documents.ts'
import { answerOnce, answerOnceByBrokers, type StoredAnswer } from './idempotency.ts'
import type { DocumentHandler, Input, Operation } from './operation.ts'
import { isText } from './requestBody.ts'
import { answersVersion, etagOf, isKnown, readVersionsOf } from './versions.ts'
import { validated, withoutEmptyValues } from './validation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before the body is read, where the operation wants credentials. */
    identity: Identity | undefined
  }
}

/** Serves an operation as its declaration says. */
export function route(app: FastifyInstance, operation: Operation, services: Services): void {
  app.route({
    method: operation.method,
    url: routerPath(operation.path),
    config: { envelope: operation.envelope, operation: operation.id },
    schema: { response: replySchemas(operation) },
    onRequest: async (request) => {
      if (operation.access !== 'public') request.identity = await identify(operation, services, request)
    },
    handler: async (request, reply) => {
      const { identity } = request
      await (identity === undefined
        ? answerAnyone(operation, services, request, reply)
        : answerCaller(operation, services, request, reply, identity))
      return reply
    },
  })
}

function replySchemas({ reply: { status, dryRun, body } }: Operation): Record<string, object> {
  if (body === undefined) return {}
  const schema = jsonSchema(body)
  return { [status]: schema, ...(dryRun && { [dryRun.status]: schema }) }
}

/** A key of a cluster opens its data plane only. */
async function identify(operation: Operation, { database, sessions, keyUse }: Services, request: FastifyRequest) {
  const use = operation.access === 'broker' ? 'data-plane' : 'access'
  const identity = await authenticate(request.headers.authorization, database, sessions, use)
  if (identity.apiKey !== undefined) keyUse.note(identity.apiKey.id)
  if (identity.apiKey?.resourceId !== undefined && operation.access !== 'broker') throw errors.badCredentials()
  return identity
}

async function answerAnyone(operation: Operation, services: Services, request: FastifyRequest, reply: FastifyReply) {
  const parsed = parseRequest(operation, request)
  const input = { ...parsed, caller: undefined, target: undefined, visible: 'all', page: undefined }
  reply.status(statusOf(operation, parsed)).send(await operation.handle(input as never, services))
}

async function answerCaller(
  operation: Operation,
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  identity: Identity,
) {
  const { database } = services
  const parsed = parseRequest(operation, request)
  const idempotencyKey = idempotencyKeyOf(operation, request)
  if (idempotencyKey === undefined) {
    const caller = callerOf(identity, operation, request, database.within(identity.organizationId))
    if (operation.document !== undefined) {
      const handler = await perform(operation, parsed, caller, services)
      await answerDocuments(operation, request, reply, handler as DocumentHandler)
      return
    }
    const body = await perform(operation, parsed, caller, services)
    if (answersVersion(operation)) sendVersion(reply, operation, serialized(reply, operation, parsed, body), request)
    else reply.status(statusOf(operation, parsed)).send(body)
    return
  }
  const fingerprint = JSON.stringify([operation.id, parsed.params, parsed.query, parsed.body], withBigInts)
  const once = { principalId: identity.principalId, key: idempotencyKey, fingerprint }
  const answerIn = (scope: Scope) => async (): Promise<StoredAnswer> => {
    const caller = callerOf(identity, operation, request, scope)
    return serialized(reply, operation, parsed, await perform(operation, parsed, caller, services))
  }
  const scope = database.within(identity.organizationId)
  const stored = await (operation.envelope === 'kafkaRest'
    ? answerOnceByBrokers(scope, once, answerIn(scope))
    : scope.transaction((within) => answerOnce(within, once, answerIn(within))))
  sendText(reply, stored)
}

/** The answer as text, with its ETag where it has a version. */
function serialized(reply: FastifyReply, operation: Operation, parsed: Parsed, body: unknown): StoredAnswer {
  const status = statusOf(operation, parsed)
  const text = body === undefined ? '' : String(reply.serializeInput(body as Record<string, unknown>, String(status)))
  const etag = etagOf(operation, body, text)
  return { status, body: text, ...(etag === undefined ? {} : { etag }) }
}

function sendVersion(reply: FastifyReply, { method }: Operation, answer: StoredAnswer, { headers }: FastifyRequest) {
  const { etag } = answer
  if (method === 'GET' && etag !== undefined && isKnown(etag, headers['if-none-match'])) {
    reply.status(304).header('etag', etag).send()
  } else {
    sendText(reply, answer)
  }
}

function sendText(reply: FastifyReply, { status, body, etag }: StoredAnswer): void {
  if (etag !== undefined) reply.header('etag', etag)
  reply
    .status(status)
    .serializer((text: string) => text)
    .header('content-type', 'application/json; charset=utf-8')
    .send(body)
}

/** Of success. */
const statusOf = ({ reply: { status, dryRun } }: Operation, parsed: Parsed) =>
  dryRun?.when(parsed as never) ? dryRun.status : status

const withBigInts = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)

type Parsed = Pick<Input, 'params' | 'query' | 'body' | 'requestId' | 'address'>

function parseRequest(operation: Operation, request: FastifyRequest): Parsed {
  const { params, query, body } = operation
  const [strangeParameter] = Object.entries(request.query as object).find(([, value]) => !isText(String(value))) ?? []
  if (strangeParameter !== undefined) {
    throw errors.malformed('This parameter holds a NUL character.', { parameter: strangeParameter })
  }
  return {
    params: params && validated(params, request.params, 'path'),
    query: query && validated(query, withoutEmptyFilters(operation, request), 'query'),
    body: body && validated(body, request.body, 'body'),
    requestId: request.id,
    address: request.ip,
  }
}

/** An empty filter of a list means none. Elsewhere it is a mistake: what is deleted must be named. */
const withoutEmptyFilters = ({ method }: Operation, { query }: FastifyRequest) =>
  method === 'GET' ? withoutEmptyValues(query) : query

/** The operation itself: its target inside the caller's organization, then its permission, then the work. */
async function perform(operation: Operation, parsed: Parsed, caller: Caller, services: Services): Promise<unknown> {
  const page = pageOf(operation, parsed, caller, services) as Input['page']
  const input = { ...parsed, caller, page, target: undefined as unknown, visible: 'all' as const }
  if (operation.target !== undefined) {
    input.target = await operation.target(input, services)
    if (input.target === undefined) throw errors.notFound()
  }
  const subject = operation.subject?.(input as never) ?? { place: {} }
  const visible = authorise(operation.access, caller, subject)
  try {
    return await operation.handle({ ...input, visible } as never, services)
  } catch (error) {
    throw (await wasChanged(operation, input, services, error)) ? errors.changedMeanwhile() : error
  }
}

/** What has another version than the caller read is not found where it is to be changed: it may be there all the same. */
async function wasChanged(operation: Operation, input: Input, services: Services, error: unknown): Promise<boolean> {
  const { readVersions } = input.caller
  if (readVersions === undefined || !(error instanceof AppError) || error.status !== 404) return false
  const now = (await operation.target?.(input, services)) as { version: bigint } | undefined
  return now !== undefined && !readVersions.includes(now.version)
}

function pageOf({ id, query }: Operation, parsed: Parsed, { organizationId }: Caller, { pageTokenKey }: Services) {
  if (!isPaged(query)) return undefined
  const list = { key: pageTokenKey, operation: id, organizationId, query: parsed.query as Record<string, unknown> }
  return pageFrom(parsed.query as z.output<typeof PageQuery>, list)
}

const isPaged = (query: Operation['query']) => query?.shape['page_token'] === PageQuery.shape.page_token

const callerOf = (
  { organizationId, principalId, grants, apiKey, sessionId }: Identity,
  operation: Operation,
  request: FastifyRequest,
  scope: Caller['scope'],
): Caller => ({
  organizationId,
  principalId,
  grants,
  apiKey,
  sessionId,
  scope,
  operation: operation.id,
  requestId: request.id,
  readVersions: readVersionsOf(operation, request.headers['if-match']),
})

function idempotencyKeyOf(operation: Operation, request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (operation.method !== 'POST' || key === undefined) return undefined
  if (operation.document !== undefined) {
    throw errors.malformed('A stream takes no Idempotency-Key: repeating it does everything again.', {
      parameter: 'Idempotency-Key',
    })
  }
  if (typeof key !== 'string' || !/^[\x21-\x7e]{8,255}$/.test(key)) {
    throw errors.malformed('An Idempotency-Key is 8 to 255 printable characters, such as a UUID.', {
      parameter: 'Idempotency-Key',
    })
  }
  return key
}

const knownMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'] as const

/** A path that is served says which methods it takes to whoever tries another. */
export function refuseOtherMethods(app: FastifyInstance, operations: readonly Operation[]): void {
  for (const [url, served] of Map.groupBy(operations, ({ path }) => routerPath(path))) {
    const methods = new Set<string>(served.map(({ method }) => method))
    const allowed = [...methods, ...(methods.has('GET') ? ['HEAD'] : [])].join(', ')
    const refused = knownMethods.filter((method) => !methods.has(method))
    app.route({
      method: methods.has('GET') ? refused : [...refused, 'HEAD'],
      url,
      config: { envelope: served[0]?.envelope ?? 'cloud', operation: 'methodNotAllowed' },
      onRequest: async (_request, reply) => {
        reply.header('allow', allowed)
        throw errors.methodNotAllowed(allowed)
      },
      handler: async () => undefined,
    })
  }
}

/**
 * The router wants `:id` where OpenAPI has `{id}`, and never sees the prefixes that requests may carry.
 * A colon that is one is doubled; a parameter in front of it (`{id}:rotate`) must be told where it ends.
 */
const routerPath = (path: string) =>
  path
    .replace(/^\/api\//, '/')
    .replaceAll(':', '::')
    .replaceAll(/\{(\w+)\}(?=::)/g, ':$1(^[^/]+)')
    .replaceAll(/\{(\w+)\}/g, ':$1')

const jsonSchema = (schema: z.ZodType) => z.toJSONSchema(schema, { target: 'draft-7', io: 'output', reused: 'inline' })

export const newRequestId = () => randomUUID()

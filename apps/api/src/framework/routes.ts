import { randomUUID } from 'node:crypto'
import type { Caller } from '@tributary/control/caller'
import { errors } from '@tributary/domain/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Services } from '../services.ts'
import { authenticate, type Identity } from './authentication.ts'
import { authorise } from './authorisation.ts'
import { answerOnce, type StoredAnswer } from './idempotency.ts'
import type { Input, Operation } from './operation.ts'
import { validated, withoutEmptyValues } from './validation.ts'

/** Serves an operation as its declaration says. */
export function route(app: FastifyInstance, operation: Operation, services: Services): void {
  const { status, body: replySchema } = operation.reply
  app.route({
    method: operation.method,
    url: routerPath(operation.path),
    config: { envelope: operation.envelope },
    schema: replySchema === undefined ? {} : { response: { [status]: jsonSchema(replySchema) } },
    handler: async (request, reply) => {
      const answer = operation.access === 'public' ? answerPublic : answerCaller
      await answer(operation, services, request, reply)
      return reply
    },
  })
}

async function answerPublic(operation: Operation, services: Services, request: FastifyRequest, reply: FastifyReply) {
  const input = { ...parseRequest(operation, request), caller: undefined, target: undefined, visible: 'all' }
  reply.status(operation.reply.status).send(await operation.handle(input as never, services))
}

async function answerCaller(operation: Operation, services: Services, request: FastifyRequest, reply: FastifyReply) {
  const { database } = services
  const identity = await authenticate(request.headers.authorization, database, services.sessions.verify)
  if (identity.apiKey?.resourceId !== undefined && operation.access !== 'broker') throw errors.badCredentials()
  const parsed = parseRequest(operation, request)
  const idempotencyKey = idempotencyKeyOf(operation, request)
  if (idempotencyKey === undefined) {
    const caller = callerOf(identity, operation, request, database.within(identity.organizationId))
    reply.status(operation.reply.status).send(await perform(operation, parsed, caller, services))
    return
  }
  const stored = await database.transaction(identity.organizationId, (scope) => {
    const fingerprint = JSON.stringify([operation.id, parsed.params, parsed.query, parsed.body])
    return answerOnce(
      scope,
      identity.principalId,
      { key: idempotencyKey, fingerprint },
      async (): Promise<StoredAnswer> => {
        const caller = callerOf(identity, operation, request, scope)
        const body = await perform(operation, parsed, caller, services)
        return { status: operation.reply.status, body: JSON.stringify(body) ?? '' }
      },
    )
  })
  reply
    .status(stored.status)
    .serializer((text: string) => text)
    .header('content-type', 'application/json; charset=utf-8')
    .send(stored.body)
}

type Parsed = Pick<Input, 'params' | 'query' | 'body' | 'headers'>

function parseRequest(operation: Operation, request: FastifyRequest): Parsed {
  const { params, query, body } = operation
  return {
    params: params && validated(params, request.params, 'path'),
    query: query && validated(query, withoutEmptyValues(request.query), 'query'),
    body: body && validated(body, request.body, 'body'),
    headers: request.headers,
  }
}

/** The operation itself: its target inside the caller's organization, then its permission, then the work. */
async function perform(operation: Operation, parsed: Parsed, caller: Caller, services: Services): Promise<unknown> {
  const input = { ...parsed, caller, target: undefined as unknown, visible: 'all' as const }
  let owned: { owner: string | undefined } | undefined
  if (operation.target !== undefined) {
    input.target = await operation.target(input, services)
    if (input.target === undefined) throw errors.notFound()
    owned = { owner: operation.owner?.(input.target as never) }
  }
  const visible = authorise(operation.access, caller, owned)
  return operation.handle({ ...input, visible } as never, services)
}

const callerOf = (
  { organizationId, principalId, roles, apiKey }: Identity,
  operation: Operation,
  request: FastifyRequest,
  scope: Caller['scope'],
): Caller => ({ organizationId, principalId, roles, apiKey, scope, operation: operation.id, requestId: request.id })

function idempotencyKeyOf(operation: Operation, request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (operation.method !== 'POST' || key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]{8,255}$/.test(key)) {
    throw errors.malformed('An Idempotency-Key is 8 to 255 printable characters, such as a UUID.', {
      parameter: 'Idempotency-Key',
    })
  }
  return key
}

/** The router wants `:id` where OpenAPI has `{id}`, and never sees the prefixes that requests may carry. */
const routerPath = (path: string) => path.replace(/^\/api\//, '/').replaceAll(/\{(\w+)\}/g, ':$1')

const jsonSchema = (schema: z.ZodType) => z.toJSONSchema(schema, { target: 'draft-7', io: 'output', reused: 'inline' })

export const newRequestId = () => randomUUID()

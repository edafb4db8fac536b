import { CloudErrors } from '@tributary/contract/cloud/objects'
import { KafkaRestError } from '@tributary/contract/kafkaRest/errors'
import { assertNever } from '@tributary/kit/assertNever'
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import type { Access, Envelope, Operation } from './operation.ts'
import { answersVersion, takesIfMatch } from './versions.ts'

/** What is served, as an OpenAPI 3.1 document: read off the declarations, so it can't say anything else. */
export function openApiDocument(operations: readonly Operation[], publicUrl: string) {
  const paths: ZodOpenApiPathsObject = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(operation) }
  }
  const tags = [...new Set(operations.map(tagOf))].toSorted()
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Tributary',
        version: '1',
        description:
          'A control plane for Apache Kafka that speaks the Confluent Cloud API. Besides the operations below, ' +
          '`GET /livez`, `/readyz` and `/metrics` are answered without credentials.',
      },
      servers: [{ url: publicUrl }],
      tags: tags.map((name) => ({ name })),
      paths,
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'basic', description: 'An API key as user name, its secret as password.' },
          session: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'A token of POST /api/sessions.',
          },
        },
      },
    },
    // What only code can check; such a schema says in its meta what it takes.
    {
      allowEmptySchema: { custom: true, transform: true },
      override: ({ jsonSchema }) => spellOutClasses(jsonSchema),
    },
  )
}

interface Patterned {
  pattern?: string
  allOf?: Patterned[]
}

/** Not every reader of a document knows Unicode's classes in patterns: control characters are written out. */
function spellOutClasses(schema: Patterned): void {
  for (const part of [schema, ...(schema.allOf ?? [])]) {
    part.pattern &&= part.pattern
      .replaceAll(String.raw`\P{Cc}`, `[^${controlCharacters}]`)
      .replaceAll(String.raw`\p{Cc}`, controlCharacters)
  }
}

const controlCharacters = String.raw`\u0000-\u001f\u007f-\u009f`

function describe(operation: Operation): ZodOpenApiOperationObject {
  const { id, summary, access, params, query, document, method, reply } = operation
  const body = operation.body ?? document
  const header = headersOf(operation)
  return {
    operationId: id,
    summary,
    tags: [tagOf(operation)],
    'x-permission': permissionOf(access),
    security: securityOf(access),
    requestParams: { ...(params && { path: params }), ...(query && { query }), ...(header && { header }) },
    ...(body && {
      requestBody: { required: method !== 'DELETE', content: { 'application/json': { schema: body } } },
    }),
    responses: {
      [reply.status]: success('It is done, or durably promised.', reply.body, answersVersion(operation)),
      ...(reply.dryRun && { [reply.dryRun.status]: success('It would succeed; nothing was done.', reply.body) }),
      ...(takesIfNoneMatch(operation) && { 304: { description: 'It is what you have.', headers: z.object({ ETag }) } }),
      ...Object.fromEntries(
        errorsOf(operation).map(([status, meaning]) => [status, refusal(meaning, operation.envelope)]),
      ),
    },
  }
}

function headersOf(operation: Operation): z.ZodObject | undefined {
  const headers = {
    ...(takesIdempotencyKey(operation) && { 'Idempotency-Key': IdempotencyKey }),
    ...(takesIfMatch(operation) && { 'If-Match': IfMatch }),
    ...(takesIfNoneMatch(operation) && { 'If-None-Match': IfNoneMatch }),
  }
  return Object.keys(headers).length === 0 ? undefined : z.object(headers)
}

const ETag = z.string().describe('Changes with all that is answered. Send it as If-Match with a change.')

const IfMatch = z
  .string()
  .regex(/^(\*|(W\/)?"[^"]*"(\s*,\s*(W\/)?"[^"]*")*)$/)
  .optional()
  .describe('ETags: the change is made only if nobody made one since they were answered. `*` is for any.')

const IfNoneMatch = z.string().optional().describe('ETags: the answer is a 304 where it would be one of these.')

const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{8,255}$/)
  .optional()
  .describe('The same key with the same request gives the first answer again, for 24 hours, and does nothing twice.')

const takesIdempotencyKey = ({ method, access, document }: Operation) =>
  method === 'POST' && access !== 'public' && document === undefined

const takesIfNoneMatch = (operation: Operation) => operation.method === 'GET' && answersVersion(operation)

/** The API group: `cmk/v2`. */
function tagOf({ path }: Operation): string {
  const [first = '', second = ''] = path.slice(1).split('/')
  return first === 'api' ? 'sessions' : `${first}/${second}`
}

function permissionOf(access: Access): string {
  if (typeof access === 'string') return access
  return 'visible' in access ? access.visible : access.permission
}

function securityOf(access: Access): Record<string, string[]>[] {
  if (access === 'public') return []
  return access === 'broker' ? [{ apiKey: [] }] : [{ apiKey: [] }, { session: [] }]
}

type Refusal = readonly [status: `${number}` | '5XX', meaning: string]

function errorsOf(operation: Operation): Refusal[] {
  const { access, params, target, method, envelope } = operation
  const body = operation.body ?? operation.document
  const refusals: Refusal[] = [['400', 'The request can not be read, or a parameter is wrong.']]
  if (access !== 'public' || body !== undefined) refusals.push(['401', 'The credentials are missing or wrong.'])
  if (typeof access === 'object' && method !== 'GET') {
    refusals.push(['402', 'A quota or the capacity is used up.'], ['409', 'It stands against what is there.'])
  }
  // What grows a topic counts against the quota of its cluster.
  if (access === 'broker' && (method === 'POST' || method === 'PATCH')) refusals.push(['402', 'A quota is used up.'])
  if (access !== 'public') refusals.push(['403', 'It may be seen, but this may not be done with it.'])
  if (params !== undefined || target !== undefined || typeof access === 'object' || access === 'self') {
    refusals.push(['404', 'There is no such thing, or it may not be seen.'])
  }
  if (takesIfMatch(operation)) refusals.push(['412', 'It was changed since it had that ETag: read it again.'])
  // Whoever sends a body where none is wanted is told of what is wrong with it.
  if (method !== 'GET') {
    refusals.push(['413', 'The body is over 1 MiB.'], ['415', 'The body is not JSON.'])
  }
  if (envelope === 'cloud' && (body !== undefined || method === 'POST')) {
    refusals.push(['422', 'A field is wrong: `source.pointer` says which; or an Idempotency-Key was used before.'])
  }
  if (operation.document !== undefined) refusals.push(['422', 'The stream ended without a document.'])
  refusals.push(['429', 'Too many requests; `Retry-After` says when to go on.'])
  refusals.push(['5XX', 'It did not work this time; after `Retry-After`, where it is given, it may.'])
  return refusals
}

const success = (description: string, schema: z.ZodType | undefined, hasETag = false) => ({
  description,
  ...(hasETag && { headers: z.object({ ETag }) }),
  ...(schema && { content: { 'application/json': { schema } } }),
})

function refusal(description: string, envelope: Envelope) {
  return { description, content: { 'application/json': { schema: errorSchema(envelope) } } }
}

function errorSchema(envelope: Envelope): z.ZodType {
  switch (envelope) {
    case 'cloud':
      return CloudErrors
    case 'kafkaRest':
      return KafkaRestError
    default:
      return assertNever(envelope)
  }
}

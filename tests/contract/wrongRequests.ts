import type { Operation } from '@tributary/api/framework/operation'
import fc from 'fast-check'
import { z } from 'zod'

/** A request that is wrong somewhere, or everywhere. */
export interface WrongRequest {
  method: string
  path: string
  body: unknown
  headers: Record<string, string>
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

const hostile = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\u202e',
  '%00',
  '../../..',
  '..',
  "' OR 1=1 --",
  '{{7*7}}',
  '${7*7}',
  'null',
  'NaN',
  '-1',
  '0x10',
  '__proto__',
  'constructor',
  '<script>',
  '\r\nx: y',
  'x'.repeat(20_000),
]

/** What no field expects, and every field must survive. */
const hostileTexts = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 40 }))
const hostileValues: fc.Arbitrary<unknown> = fc.oneof(
  hostileTexts,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, [], {}, [[]], [null], { a: { b: [] } }),
  fc.jsonValue(),
)

/** `good` has a value for each path parameter that names something. */
export function wrongRequests(operation: Operation, good: Record<string, string>): fc.Arbitrary<WrongRequest> {
  const { method } = operation
  const schema = operation.body ?? operation.document
  return fc
    .record({
      path: paths(operation.path, good),
      query: queries(Object.keys(operation.query?.shape ?? {})),
      content: schema === undefined ? fc.oneof(nothing, contents({})) : contents(jsonSchemaOf(schema)),
      header: fc.constantFrom<Record<string, string>>({}, {}, {}, { 'idempotency-key': 'x' }, { accept: 'text/html' }),
    })
    .map(({ path, query, content: { body, type }, header }) => ({
      method,
      path: `${path}${query}`,
      // fetch sends no body with a GET.
      body: method === 'GET' ? undefined : body,
      headers: { ...header, ...(method === 'GET' || type === undefined ? {} : { 'content-type': type }) },
    }))
}

const paths = (template: string, good: Record<string, string>): fc.Arbitrary<string> => {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const values = names.map((name) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(good[name] ?? name) },
      { weight: 1, arbitrary: hostileTexts.filter((text) => text.isWellFormed() && text !== '') },
    ),
  )
  return fc
    .tuple(...values)
    .map((chosen) =>
      names.reduce((path, name, at) => path.replace(`{${name}}`, () => encoded(chosen[at] ?? '')), template),
    )
}

/** A URL has no room for more than 16 KiB, and what is too long for it is another test's. */
const encoded = (text: string) => encodeURIComponent(text.slice(0, 600).toWellFormed())

const queries = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom(...names, 'page_size', 'page_token', 'unknown'), hostileTexts), { maxLength: 3 })
    .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.map(encoded).join('=')).join('&')}`))

interface Content {
  body: unknown
  type: string | undefined
}

const nothing = fc.constant<Content>({ body: undefined, type: undefined })

function contents(schema: JsonSchema): fc.Arbitrary<Content> {
  const almost = almostRight(schema)
  const text = almost.map((value) => JSON.stringify(value) ?? '')
  const json = 'application/json'
  return fc.oneof(
    { weight: 6, arbitrary: text.map((body) => ({ body, type: json })) },
    { weight: 1, arbitrary: hostileValues.map((value) => ({ body: JSON.stringify(value), type: json })) },
    { weight: 1, arbitrary: text.map((body) => ({ body: body.slice(0, -1), type: json })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('', '{', '"', '{"a":1}{"a":1}', '{"a":1,"a":2}', nested(100_000), '1e999')
        .map((body) => ({
          body,
          type: json,
        })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          text,
          fc.constantFrom('text/plain', 'application/xml', 'multipart/form-data', 'x', 'application/json;charset=x'),
        )
        .map(([body, type]) => ({ body, type })),
    },
  )
}

interface JsonSchema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  pattern?: string
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $defs = {}, ...root } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const inlined = (part: unknown): unknown =>
    JSON.parse(JSON.stringify(part), (_key, value: { $ref?: string } | null) =>
      value?.$ref === undefined ? value : inlined($defs[value.$ref.slice('#/$defs/'.length)]),
    )
  return inlined(root) as JsonSchema
}

/** What the schema describes, but for a few of its parts. */
function almostRight(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: right(schema) }, { weight: 1, arbitrary: hostileValues })
}

function right(schema: JsonSchema): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map(right))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(([name, part]) => [name, almostRight(part)] as const)
    return fc
      .tuple(
        fc.record(Object.fromEntries(fields), { requiredKeys: [] }),
        fc.option(fc.dictionary(fc.string(), hostileValues, { maxKeys: 2 }), { freq: 8 }),
      )
      .map(([value, more]) => ({ ...value, ...more }))
  }
  if (schema.items !== undefined) return fc.array(almostRight(schema.items), { maxLength: 3 })
  if (schema.pattern !== undefined) return matching(schema.pattern)
  const type = [schema.type].flat()[0]
  if (type === 'string') return fc.string({ unit: 'grapheme', maxLength: 30 })
  if (type === 'integer' || type === 'number') return fc.integer({ min: 0, max: 3 })
  return type === 'boolean' ? fc.boolean() : fc.jsonValue()
}

/** Not every pattern can be turned round. */
function matching(pattern: string): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'))
  } catch {
    return fc.string({ maxLength: 30 })
  }
}

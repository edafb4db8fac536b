import { describe, expect, it } from 'vitest'
import { operations } from '../operations.ts'
import { openApiDocument } from './openApi.ts'
import { answersVersion, takesIfMatch } from './versions.ts'

interface Json {
  [key: string]: Json
}

const document = JSON.parse(JSON.stringify(openApiDocument(operations, 'http://127.0.0.1:8080'))) as Json
const served = (method: string, path: string) => document['paths']?.[path]?.[method.toLowerCase()]

describe('the OpenAPI document holds every operation that is served, and no other', () => {
  it.each(operations.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
    const described = served(operation.method, operation.path)
    const { access } = operation
    const permission = typeof access === 'string' ? access : 'visible' in access ? access.visible : access.permission
    expect(described).toMatchObject({ operationId: id, summary: operation.summary, 'x-permission': permission })
    expect(described?.['security']).toHaveLength(access === 'public' ? 0 : access === 'broker' ? 1 : 2)

    const parameters = Object.values(described?.['parameters'] ?? {}) as unknown as {
      name: string
      in: string
      required?: boolean
    }[]
    const named = (place: string) => parameters.filter((parameter) => parameter.in === place).map(({ name }) => name)
    expect(named('path')).toEqual([...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    expect(named('query')).toEqual(Object.keys(operation.query?.shape ?? {}))
    const isStream = operation.document !== undefined
    const isOnce = operation.method === 'POST' && access !== 'public' && !isStream
    expect(named('header')).toEqual([
      ...(isOnce ? ['Idempotency-Key'] : []),
      ...(takesIfMatch(operation) ? ['If-Match'] : []),
      ...(operation.method === 'GET' && answersVersion(operation) ? ['If-None-Match'] : []),
    ])
    expect(described?.['requestBody'] !== undefined).toBe(operation.body !== undefined || isStream)

    const responses = described?.['responses'] ?? {}
    expect('412' in responses).toBe(takesIfMatch(operation))
    expect('304' in responses).toBe(named('header').includes('If-None-Match'))
    expect(responses[operation.reply.status]?.['headers']?.['ETag'] !== undefined).toBe(answersVersion(operation))
    const { status, dryRun, body } = operation.reply
    for (const success of [status, ...(dryRun === undefined ? [] : [dryRun.status])]) {
      expect(responses[success]?.['content'] !== undefined).toBe(body !== undefined)
    }
    expect(Object.keys(responses).filter((code) => code.startsWith('2'))).toHaveLength(dryRun === undefined ? 1 : 2)
    const error = operation.envelope === 'cloud' ? 'CloudErrors' : 'KafkaRestError'
    expect(responses['5XX']?.['content']?.['application/json']?.['schema']?.['$ref']).toBe(
      `#/components/schemas/${error}`,
    )
  })

  it('describes nothing else', () => {
    const described = Object.values(document['paths'] ?? {}).flatMap((path) => Object.keys(path))
    expect(described).toHaveLength(operations.length)
  })
})

describe('the document is OpenAPI 3.1', () => {
  it('has unique ids, declared tags and security schemes, and references that lead somewhere', () => {
    expect(document['openapi']).toMatch(/^3\.1\.\d+$/)
    expect(document['info']).toMatchObject({ title: expect.any(String), version: expect.any(String) })
    const ids = operations.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const tags = new Set((document['tags'] as unknown as { name: string }[]).map(({ name }) => name))
    const described = operations.map(({ method, path }) => served(method, path))
    for (const operation of described) {
      for (const tag of (operation?.['tags'] ?? []) as unknown as string[]) expect(tags).toContain(tag)
      for (const requirement of (operation?.['security'] ?? []) as unknown as object[]) {
        for (const scheme of Object.keys(requirement)) {
          expect(document['components']?.['securitySchemes']).toHaveProperty(scheme)
        }
      }
    }
    for (const reference of referencesIn(document)) expect(resolve(reference)).toBeTypeOf('object')
  })

  it('says something about every field that a request may carry', () => {
    const empty: string[] = []
    for (const { id, method, path, body, document: streamed } of operations) {
      if (body === undefined && streamed === undefined) continue
      const schema = served(method, path)?.['requestBody']?.['content']?.['application/json']?.['schema']
      if (schema === undefined || Object.keys(schema).length === 0) empty.push(id)
    }
    expect(empty).toEqual([])
  })
})

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap((child) => referencesIn(child))]
}

function resolve(reference: string): unknown {
  const [root, ...path] = reference.split('/')
  expect(root).toBe('#')
  return path.reduce<Json | undefined>((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document)
}

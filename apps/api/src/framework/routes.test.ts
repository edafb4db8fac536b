import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Services } from '../services.ts'
import { operation, type Operation } from './operation.ts'
import { refuseOtherMethods, route } from './routes.ts'

/** An operation that says what it was called with. */
function echo(method: Operation['method'], path: string): Operation {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  return operation({
    id: path,
    summary: 'Say what was asked',
    method,
    path,
    access: 'public',
    params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))),
    reply: { status: 200, body: z.object({ path: z.string(), params: z.record(z.string(), z.string()) }) },
    handle: async ({ params }) => ({ path, params }),
  })
}

const tryOut = operation({
  id: 'tryOut',
  summary: 'Do it, or only try',
  method: 'POST',
  path: '/tries',
  access: 'public',
  body: z.object({ validate_only: z.boolean().default(false) }),
  reply: {
    status: 201,
    dryRun: { status: 200, when: ({ body }) => body.validate_only },
    body: z.object({ tried: z.boolean() }),
  },
  handle: async ({ body }) => ({ tried: body.validate_only }),
})

const operations = [
  echo('GET', '/topics/{name}'),
  echo('GET', '/topics/{name}/configs'),
  echo('GET', '/topics/-/configs'),
  echo('POST', '/topics/{name}/configs:alter'),
  echo('GET', '/acls'),
  echo('POST', '/acls:batch'),
  echo('GET', '/api-keys/{id}'),
  echo('POST', '/api-keys/{id}:rotate'),
  echo('POST', '/api-keys/{id}:undelete'),
  tryOut,
]

let app: FastifyInstance
beforeAll(async () => {
  app = Fastify()
  for (const one of operations) route(app, one, {} as Services)
  refuseOtherMethods(app, operations)
  await app.ready()
})
afterAll(() => app.close())

describe('a path is found, whatever it looks like', () => {
  it.each([
    ['GET', '/topics/orders', '/topics/{name}', { name: 'orders' }],
    ['GET', '/topics/-', '/topics/{name}', { name: '-' }],
    ['GET', '/topics/orders/configs', '/topics/{name}/configs', { name: 'orders' }],
    ['GET', '/topics/-/configs', '/topics/-/configs', {}],
    ['GET', '/topics/-a/configs', '/topics/{name}/configs', { name: '-a' }],
    ['POST', '/topics/-/configs:alter', '/topics/{name}/configs:alter', { name: '-' }],
    ['POST', '/topics/or.d_ers/configs:alter', '/topics/{name}/configs:alter', { name: 'or.d_ers' }],
    ['GET', '/acls', '/acls', {}],
    ['POST', '/acls:batch', '/acls:batch', {}],
    ['GET', '/api-keys/A-1', '/api-keys/{id}', { id: 'A-1' }],
    ['POST', '/api-keys/A-1:rotate', '/api-keys/{id}:rotate', { id: 'A-1' }],
    ['POST', '/api-keys/A:1:rotate', '/api-keys/{id}:rotate', { id: 'A:1' }],
    ['POST', '/api-keys/%0D%3A:rotate', '/api-keys/{id}:rotate', { id: '\r:' }],
    ['POST', '/api-keys/A:undelete', '/api-keys/{id}:undelete', { id: 'A' }],
  ] as const)('%s %s', async (method, url, path, params) => {
    const answer = await app.inject({ method, url })
    expect(answer.json()).toEqual({ path, params })
  })

  it.each([
    ['GET', '/topics/orders/configs:alter', 'POST'],
    ['PUT', '/topics/-/configs', 'GET, HEAD'],
    ['POST', '/acls', 'GET, HEAD'],
    ['DELETE', '/acls:batch', 'POST'],
    ['PATCH', '/api-keys/A', 'GET, HEAD'],
    ['GET', '/api-keys/A:rotate', 'POST'],
  ] as const)('%s %s is refused, and told what the path takes', async (method, url, allowed) => {
    const answer = await app.inject({ method, url })
    expect(answer.headers['allow']).toBe(allowed)
    expect(answer.json()).toMatchObject({ code: 'method_not_allowed' })
  })

  it.each(['/acls:other', '/topics/orders/configs:', '/topics/orders/configs:alter/more'])(
    '%s is of nothing',
    async (url) => {
      expect((await app.inject({ method: 'POST', url })).statusCode).toBe(404)
    },
  )
})

const sendTry = (payload: object) => app.inject({ method: 'POST', url: '/tries', payload })

it('a request that only asks whether it would succeed has a status of its own', async () => {
  expect(await sendTry({})).toMatchObject({ statusCode: 201, body: '{"tried":false}' })
  expect(await sendTry({ validate_only: true })).toMatchObject({ statusCode: 200, body: '{"tried":true}' })
})

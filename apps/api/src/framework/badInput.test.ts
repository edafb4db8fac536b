import { createHmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { clusterSpec } from '@tributary/testkit/clusters'
import { ApiClient, showToWatchers } from '@tributary/testkit/apiClient'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation
let organization: Organization
let authorization: string

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  organization = await installation.createOrganization()
  const { id, secret } = organization.cloudKey
  authorization = basic(`${id}:${secret}`)
})
afterAll(() => installation[Symbol.asyncDispose]())

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  // oxlint-disable-next-line no-explicit-any -- a test looks into answers that it does not declare
  body: any
}

/** Node's own client: unlike fetch it sends what it is told to. */
async function send(
  method: string,
  path: string,
  options: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  const answer = await exchange(method, path, options)
  const headers = new Headers({ 'content-type': String(answer.headers['content-type']) })
  const url = URL.canParse(path) ? path : `${installation.endpoint}${path}`
  await showToWatchers({ method, url, status: answer.status, headers, text: answer.text })
  return answer
}

function exchange(
  method: string,
  path: string,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(installation.endpoint)
    const sent = httpRequest({ hostname, port, method, path, headers: { authorization, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const json = String(response.headers['content-type']).startsWith('application/json') && text !== ''
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: json ? JSON.parse(text) : undefined,
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const sendJson = (method: string, path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  send(method, path, { body, headers: { 'content-type': 'application/json', ...headers } })

function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(installation.endpoint)
    const socket = connect(Number(port), hostname, () => socket.end(text, 'latin1'))
    let received = ''
    socket.on('data', (bytes) => (received += bytes.toString()))
    socket.on('close', () => resolve(received))
    socket.on('error', reject)
  })
}

/** What was refused, and where. Throws for an answer that is no error of the cloud APIs, or says too much. */
function refusalOf(answer: Answer): { status: number; source: unknown } {
  const [error, ...more] = answer.body?.errors ?? []
  const wellFormed =
    more.length === 0 &&
    answer.headers['content-type'] === 'application/json; charset=utf-8' &&
    error?.status === String(answer.status) &&
    error.id === answer.headers['x-request-id'] &&
    error.detail.length > 10
  const leaks = /node_modules|\.ts\b|SELECT|INSERT|FST_|postgres/i.test(answer.text)
  if (!wellFormed || leaks) throw new Error(`not a proper refusal: ${answer.status} ${answer.text}`)
  return { status: answer.status, source: error.source }
}

const keys = '/iam/v2/api-keys'
const clusters = '/cmk/v2/clusters'
const key = (fields: object) => JSON.stringify({ spec: { owner: { id: organization.administratorId }, ...fields } })
const nested = (levels: number) => `${'{"spec":'.repeat(levels)}1${'}'.repeat(levels)}`

describe('a malformed body is refused, with a pointer to what is wrong', () => {
  const bodies: [name: string, body: () => string | Buffer, status: number, pointer: string][] = [
    ['no body', () => '', 400, ''],
    ['no JSON', () => '{"spec":', 400, ''],
    ['an array', () => '[]', 400, ''],
    ['a string', () => '"spec"', 400, ''],
    ['null', () => 'null', 400, ''],
    ['bytes that are not UTF-8', () => Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400, ''],
    ['a missing part', () => '{}', 422, '/spec'],
    ['a part of another type', () => '{"spec":[]}', 422, '/spec'],
    ['a missing field', () => '{"spec":{}}', 422, '/spec/owner'],
    ['a field of another type', () => key({ display_name: 0 }).replace(':0', ':1e400'), 422, '/spec/display_name'],
    ['a text that is too long', () => key({ display_name: 'x'.repeat(65) }), 422, '/spec/display_name'],
    ['a NUL character', () => key({ display_name: 'a\0b' }), 422, '/spec/display_name'],
    ['a NUL character in a field that nobody reads', () => key({ 'a/b~c': ['\0'] }), 422, '/spec/a~1b~0c/0'],
    ['half a surrogate pair', () => key({ description: '\ud800' }), 422, '/spec/description'],
    ['a NUL character in the name of a field', () => '{"spec":{"a\\u0000":1}}', 400, '/spec'],
    ['a field that names the prototype', () => '{"spec":{"__proto__":{"admin":true}}}', 400, '/spec'],
    ['an owner that is no id', () => key({ owner: { id: "sa-1' OR 1=1" } }), 422, '/spec/owner/id'],
    ['an owner that does not exist', () => key({ owner: { id: 'sa-zzzzzzz' } }), 422, '/spec/owner/id'],
    ['too many levels', () => nested(10_000), 400, ''],
    ['100,000 brackets', () => '['.repeat(100_000), 400, ''],
  ]
  it.each(bodies)('%s', async (_name, body, status, pointer) => {
    expect(refusalOf(await sendJson('POST', keys, body()))).toEqual({ status, source: { pointer } })
  })

  const numbers: [unknown, string][] = [
    [1e308, '/spec/config/cku'],
    [-1, '/spec/config/cku'],
    [1.5, '/spec/config/cku'],
    ['1', '/spec/config/cku'],
    [2 ** 53, '/spec/config/cku'],
  ]
  it.each(numbers)('%s CKUs', async (cku, pointer) => {
    const spec = clusterSpec(organization.environmentId, { config: { kind: 'Dedicated', cku } })
    expect(refusalOf(await sendJson('POST', clusters, JSON.stringify(spec)))).toEqual({
      status: 422,
      source: { pointer },
    })
  })

  it.each([0, 2 ** 31, Number.MAX_SAFE_INTEGER])('at most %s eCKUs', async (max_ecku) => {
    const spec = clusterSpec(organization.environmentId, { config: { kind: 'Standard', max_ecku } })
    const answer = await sendJson('POST', clusters, JSON.stringify(spec))
    expect(refusalOf(answer)).toEqual({ status: 422, source: { pointer: '/spec/config/max_ecku' } })
  })

  it('a body over 1 MiB is a 413, announced or not', async () => {
    const body = key({ description: 'x'.repeat(1_100_000) })
    expect(refusalOf(await sendJson('POST', keys, body))).toMatchObject({ status: 413 })
    expect(refusalOf(await sendJson('POST', keys, body, { 'transfer-encoding': 'chunked' }))).toMatchObject({
      status: 413,
    })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'multipart/form-data', 'x'])(
    'a body of the type %s is a 415',
    async (type) => {
      expect(refusalOf(await send('POST', keys, { body: key({}), headers: { 'content-type': type } }))).toMatchObject({
        status: 415,
      })
    },
  )

  it('a body without a type is a 415', async () => {
    expect(refusalOf(await send('POST', keys, { body: key({}) }))).toMatchObject({ status: 415 })
  })

  it('takes JSON under its other names, and changes nothing by all that was refused', async () => {
    const type = 'application/vnd.api+json; charset=utf-8'
    const created = await send('POST', keys, { body: key({}), headers: { 'content-type': type } })
    expect(created.status).toBe(202)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })
})

describe('a malformed URL, query or method is refused in the same envelope', () => {
  const cluster = `${clusters}/lkc-abc123`
  const operations = '/tributary/v1/operations'
  const requests: [method: string, path: string, status: number, source?: object][] = [
    ['GET', cluster, 400, { parameter: 'environment' }],
    ['GET', `${cluster}?environment=`, 400, { parameter: 'environment' }],
    ['GET', `${cluster}?environment=env-a&environment=env-b`, 400, { parameter: 'environment' }],
    ['GET', `${cluster}?environment=env-%00`, 400, { parameter: 'environment' }],
    ['GET', `${cluster}?environment=env-a%ff`, 400, { parameter: 'environment' }],
    ['GET', `${cluster}?environment=env-a&x=%00`, 400, { parameter: 'x' }],
    ['GET', `${cluster}?environment=env-a`, 404],
    ['GET', `${clusters}/lkc-%00?environment=env-a`, 404],
    ['GET', `${clusters}/lkc-A?environment=env-a`, 404],
    ['GET', `${clusters}/${'l'.repeat(2000)}?environment=env-a`, 404],
    ['GET', `${clusters}/%zz?environment=env-a`, 400],
    ['GET', `${clusters}/%c3%28?environment=env-a`, 400],
    ['GET', `${operations}?resource=lkc-a&page_size=1&page_size=2`, 400, { parameter: 'page_size' }],
    ['GET', `${operations}?resource=lkc-a&page_size=0`, 400, { parameter: 'page_size' }],
    ['GET', `${operations}?resource=lkc-a&page_size=1e999`, 400, { parameter: 'page_size' }],
    ['GET', `${operations}?resource=lkc-a&page_size=ten`, 400, { parameter: 'page_size' }],
    ['GET', `${operations}?resource=lkc-a'`, 400, { parameter: 'resource' }],
    ['GET', `${operations}?__proto__=1`, 400, { parameter: 'resource' }],
    ['GET', '/', 404],
    ['GET', '/no/such/path', 404],
    ['GET', '/cmk/v2/clusters/', 404],
    ['GET', '/api', 404],
    ['GET', '/confluent.cloud', 404],
    ['GET', '/confluent.cloud?x=1', 404],
    ['POST', '/confluent.cloud/api/access_token', 404],
    ['PUT', keys, 405],
    ['OPTIONS', keys, 405],
    ['TRACE', keys, 405],
    ['QUERY', keys, 405],
    ['DELETE', '/confluent.cloud/api/me', 405],
    ['PROPFIND', keys, 404],
  ]
  it.each(requests)('%s %s is a %i', async (method, path, status, source) => {
    const answer = await send(method, path)
    expect(refusalOf(answer)).toEqual({ status, source })
    expect(answer.headers['allow'] !== undefined).toBe(status === 405)
  })

  it('a HEAD has the status of its GET and no body', async () => {
    const answer = await send('HEAD', '/no/such/path')
    expect(answer).toMatchObject({ status: 404, text: '' })
  })

  it('an id that is of nothing, and one that can not be one, are the same 404', async () => {
    const ids = ['lkc-abc123', 'lkc-zzzzzz', "lkc-'"]
    const answers = await Promise.all(ids.map((id) => send('GET', `${clusters}/${id}?environment=env-a`)))
    const withoutId = answers.map(({ text }) => text.replace(/"id":"[^"]+"/, ''))
    expect(new Set(withoutId).size).toBe(1)
  })

  it('a URL that is too long, and what is not HTTP, get a JSON answer too', async () => {
    expect(await sendRaw(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 [\s\S]*application\/json[\s\S]*"status":"431"/,
    )
    for (const text of [
      'GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n',
      'NONSENSE / HTTP/1.1\r\n\r\n',
      '\x16\x03\x01\0',
    ]) {
      expect(await sendRaw(text)).toMatch(/^HTTP\/1.1 400 [\s\S]*application\/json[\s\S]*"status":"400"/)
    }
  })

  it('takes an absolute URL, and the prefixes of a signed-in client', async () => {
    for (const path of ['http://example.com/api/me', '/confluent.cloud/api/me', '/api/me', '/me']) {
      expect((await send('GET', path)).body.user.resource_id).toBe(organization.administratorId)
    }
  })
})

describe('bad credentials are a 401, always', () => {
  const claims = { sid: '00000000-0000-4000-8000-000000000000', use: 'access', exp: 4_000_000_000 }
  const forged = () => {
    const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
    return `${text}.${createHmac('sha256', 'a guess').update(text).digest('base64url')}`
  }
  const headers: [string, () => string][] = [
    ['nothing', () => ''],
    ['a scheme alone', () => 'Basic'],
    ['another scheme', () => 'Digest username="a"'],
    ['what is not base64', () => 'Basic %%%'],
    ['no colon', () => basic('ABCDEFGH')],
    ['an unknown key', () => basic('ABCDEFGHIJKLMNOP:secret')],
    ['a wrong secret', () => basic(`${organization.cloudKey.id}:wrong`)],
    ['an empty secret', () => basic(`${organization.cloudKey.id}:`)],
    ['a key in lower case', () => basic(`${organization.cloudKey.id.toLowerCase()}:${organization.cloudKey.secret}`)],
    ['a NUL character in the key', () => basic(`${organization.cloudKey.id}\0:${organization.cloudKey.secret}`)],
    ['SQL', () => basic("' OR 1=1 --:x")],
    ['a very long key', () => basic(`${'A'.repeat(5000)}:x`)],
    ['no token', () => 'Bearer '],
    ['what is no token', () => 'Bearer a.b.c'],
    ['a token that nobody signed', () => `Bearer ${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`],
    ['a forged token', () => `Bearer ${forged()}`],
  ]
  it.each(headers)('%s', async (_name, header) => {
    for (const path of ['/api/me', `${clusters}/lkc-abc123?environment=env-a`]) {
      expect(refusalOf(await send('GET', path, { headers: { authorization: header() } }))).toMatchObject({
        status: 401,
      })
    }
    const body = await sendJson('POST', keys, 'no JSON', { authorization: header() })
    expect(refusalOf(body)).toMatchObject({ status: 401 })
    expect(body.headers['www-authenticate']).toContain('Basic')
  })

  it('a key of a cluster opens nothing of the control plane', async () => {
    const created = await organization.cloud.post(clusters, clusterSpec(organization.environmentId))
    const made = await organization.cloud.post(keys, {
      spec: { owner: { id: organization.administratorId }, resource: { id: created.body.id } },
    })
    const client = ApiClient.withKey(installation.endpoint, { id: made.body.id, secret: made.body.spec.secret })
    expect((await client.get('/api/me')).status).toBe(401)
    expect((await client.get(`${keys}/${made.body.id}`)).status).toBe(401)
    expect((await client.post(keys, JSON.parse(key({})))).status).toBe(401)
  })
})

describe('an Idempotency-Key makes a POST happen once', () => {
  it.each(['short', 'x'.repeat(256), 'with a space in it', 'ümlaut-ümlaut'])('refuses %s', async (text) => {
    const headers = { 'idempotency-key': Buffer.from(text, 'utf8').toString('latin1') }
    const answer = await sendJson('POST', keys, key({}), headers)
    expect(refusalOf(answer)).toEqual({ status: 400, source: { parameter: 'Idempotency-Key' } })
  })

  it('gives the first answer again, to many at once as well, and refuses another request under it', async () => {
    const headers = { 'idempotency-key': 'the-first-key-of-the-day' }
    const answers = await Promise.all(Array.from({ length: 5 }, () => sendJson('POST', keys, key({}), headers)))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 202, body: { kind: 'ApiKey', spec: { secret: expect.any(String) } } })
    const other = await sendJson('POST', keys, key({ display_name: 'other' }), headers)
    expect(refusalOf(other)).toEqual({ status: 422, source: { parameter: 'Idempotency-Key' } })
  })
})

describe('Kafka REST says what is wrong in its own envelope', () => {
  const topics = '/kafka/v3/clusters/lkc-abc123/topics'
  const requests: [method: string, path: string, headers: object, status: number, code: number][] = [
    ['GET', topics, {}, 401, 40101],
    ['GET', topics, { authorization: '' }, 401, 40101],
    ['PUT', topics, {}, 405, 405],
    ['GET', '/kafka/v3/no/such/path', {}, 404, 404],
    ['GET', `${topics}/%zz`, {}, 400, 400],
    ['POST', topics, { 'content-type': 'text/plain', 'content-length': '1' }, 415, 415],
  ]
  it.each(requests)('%s %s', async (method, path, headers, status, code) => {
    const body = 'content-length' in headers ? 'x' : ''
    const answer = await send(method, path, { headers: headers as Record<string, string>, body })
    expect(answer).toMatchObject({ status, body: { error_code: code, message: expect.any(String) } })
    expect(Object.keys(answer.body)).toEqual(['error_code', 'message'])
  })
})

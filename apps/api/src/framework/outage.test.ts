import { startTcpProxy, type TcpProxy } from '@tributary/testkit/tcpProxy'
import { ApiClient, type ApiAnswer } from '@tributary/testkit/apiClient'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { waitUntil } from '@tributary/kit/waitUntil'
import { queryAsOwner } from '@tributary/testkit/database'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { operations } from '../operations.ts'

let proxy: TcpProxy
let installation: TestInstallation
let organization: Organization
let token: string
let dataPlaneToken: string
let anyone: ApiClient

beforeAll(async () => {
  const url = new URL(inject('postgresUrl'))
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  installation = await TestInstallation.start(url.href, { worker: false })
  organization = await installation.createOrganization()
  anyone = new ApiClient(installation.endpoint)
  const { email, password } = organization
  token = (await anyone.post('/api/sessions', { email, password })).body.token
  dataPlaneToken = (await withToken(token).post('/api/access_tokens')).body.token
})
afterEach(() => proxy.mend())
afterAll(async () => {
  await installation[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

/** Every operation that works with the database, by the way its clients authenticate. */
const requests = operations
  .filter(({ id }) => id !== 'getLoginRealm')
  .map(({ id, method, path, access }) => ({
    id,
    method,
    path: path.replaceAll(/\{\w+\}/g, 'lkc-abc123'),
    isDataPlane: access === 'broker',
  }))

const withToken = (of: string) => ApiClient.withToken(installation.endpoint, of)

async function askForEverything(): Promise<{ id: string; answer: ApiAnswer; seconds: number }[]> {
  return Promise.all(
    requests.flatMap(({ id, method, path, isDataPlane }) =>
      [organization.cloud, withToken(isDataPlane ? dataPlaneToken : token)].map(async (client) => {
        const begun = performance.now()
        const body = method === 'GET' ? {} : { body: { email: `${crypto.randomUUID()}@example.com`, password: 'x' } }
        const answer = await client.request(method, path, body)
        return { id, answer, seconds: (performance.now() - begun) / 1000 }
      }),
    ),
  )
}

function notRefused(answers: Awaited<ReturnType<typeof askForEverything>>, withinSeconds: number) {
  return answers.filter(
    ({ answer, seconds }) =>
      answer.status !== 503 ||
      !/^\d+$/.test(answer.headers.get('retry-after') ?? '') ||
      /ECONN|pool|pg|timeout/.test(answer.text) ||
      seconds > withinSeconds,
  )
}

const works = () =>
  waitUntil(async () => (await organization.cloud.get('/api/me')).status === 200, {
    timeoutMs: 20_000,
    what: 'the API to find its database again',
  })

describe('without its database every operation is a 503 that says when to come back, and the process lives', () => {
  it('when Postgres is gone', async () => {
    expect(await anyone.get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } })
    await proxy.cut()
    expect(notRefused(await askForEverything(), 3)).toEqual([])
    expect(await anyone.get('/livez')).toMatchObject({ status: 200, body: { status: 'alive' } })
    const ready = await anyone.get('/readyz')
    expect(ready).toMatchObject({ status: 503, body: { checks: [{ name: 'database', status: 'failing' }] } })
    expect(ready.text).toContain('cannot be reached')
    expect(ready.text).not.toMatch(/ECONN|127\.0\.0\.1/)
    const metrics = await anyone.get('/metrics')
    expect(metrics.text).toContain('tributary_database_up 0')
    expect(metrics.text).not.toMatch(/^tributary_outbox_length \d/m)

    await proxy.mend()
    await works()
    expect((await anyone.get('/readyz')).status).toBe(200)
  })

  it('when Postgres goes away in the middle of requests', async () => {
    for (let round = 0; round < 5; round++) {
      const asking = askForEverything()
      await proxy.cut()
      const answers = await asking
      expect(answers.filter(({ answer }) => answer.status === 500)).toEqual([])
      await proxy.mend()
    }
    await works()
    expect(installation.program('api')?.exitCode).toBeNull()
  })

  it('when Postgres hangs', async () => {
    proxy.hang()
    const [answers, live, ready] = await Promise.all([askForEverything(), anyone.get('/livez'), anyone.get('/readyz')])
    expect(notRefused(answers, 8)).toEqual([])
    expect([live.status, ready.status]).toEqual([200, 503])
    await proxy.mend()
    await works()
  })
})

describe('/readyz says which migration is missing', () => {
  it('and is a 503 until it is there', async () => {
    const name = '20261120000001_tenants'
    const roll = (back: Date | null) =>
      queryAsOwner(
        installation.databaseUrl,
        'UPDATE _prisma_migrations SET rolled_back_at = $1 WHERE migration_name = $2',
        [back, name],
      )
    await roll(new Date())
    const answer = await anyone.get('/readyz')
    expect(answer.status).toBe(503)
    expect(answer.body.checks[0].message).toContain(name)
    await roll(null)
    expect((await anyone.get('/readyz')).status).toBe(200)
  })
})

describe('/docs is a page that works without the internet, and /openapi.json what it reads', () => {
  it('serves the document, the page and its parts', async () => {
    const document = await anyone.get('/openapi.json')
    expect(document).toMatchObject({
      status: 200,
      body: { openapi: '3.1.1', servers: [{ url: installation.endpoint }] },
    })
    const page = await anyone.get('/docs')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toContain('text/html')
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '')
    expect(parts.length).toBeGreaterThan(3)
    for (const link of parts) {
      const url = new URL(link, `${installation.endpoint}/docs`)
      expect(url.origin).toBe(installation.endpoint)
      expect((await anyone.get(url.pathname)).status).toBe(200)
    }
    expect((await anyone.get('/docs/json')).body).toEqual(document.body)
    expect((await anyone.get('/docs/no-such-part')).status).toBe(404)
  })
})

const counted = (operation: string, code: number) =>
  `tributary_http_request_duration_seconds_count{operation="${operation}",status="${code}"}`

describe('/metrics shows requests and work, and no secret', () => {
  it('counts by operation and status', async () => {
    await organization.cloud.post('/cmk/v2/clusters', {})
    await anyone.get('/no/such/path')
    const { status, text, headers } = await anyone.get('/metrics')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('text/plain')
    for (const line of [counted('createCmkV2Cluster', 422), counted('getMe', 200), counted('unknownPath', 404)]) {
      expect(text).toContain(line)
    }
    expect(text).toMatch(/^tributary_http_requests_in_flight 1$/m)
    expect(text).toMatch(/^tributary_outbox_length 0$/m)
    expect(text).toMatch(/^tributary_database_up 1$/m)
    expect(text).toMatch(/^process_resident_memory_bytes \d/m)
    expect(text).not.toContain(organization.cloudKey.id)
    expect(text).not.toContain(organization.organizationId)
  })

  it('shows what waits for a worker, of every organization', async () => {
    const { cloud, environmentId } = await installation.createOrganization()
    const spec = {
      display_name: 'waiting',
      availability: 'SINGLE_ZONE',
      cloud: 'AWS',
      region: 'us-east-2',
      config: { kind: 'Basic' },
      environment: { id: environmentId },
    }
    expect((await cloud.post('/cmk/v2/clusters', { spec })).status).toBe(202)
    const { text } = await anyone.get('/metrics')
    expect(text).toMatch(/^tributary_resources_due\{kind="kafka-cluster"\} 1$/m)
    expect(text).toMatch(/^tributary_resources_stalled\{kind="kafka-cluster"\} 0$/m)
    expect(text).toMatch(/^tributary_outbox_length [1-9]/m)
  })
})

import path from 'node:path'
import { waitUntil } from '@tributary/kit/waitUntil'
import { testPort } from '@tributary/testkit/ports'
import { ApiClient } from '@tributary/testkit/apiClient'
import { createCluster, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

const fiveMinutesMs = 300_000
const clockOffBy = (ms: number) => ({
  NODE_OPTIONS: `--import ${path.join(import.meta.dirname, 'shiftedClock.ts')}`,
  CLOCK_OFF_BY_MS: String(ms),
})

let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
/** Of an api whose clock is five minutes behind the database's, and of one that is as much ahead. */
let endpoints: { behind: string; ahead: string }

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), {
    environment: clockOffBy(-fiveMinutesMs),
    worker: false,
  })
  const port = await testPort()
  const ahead = clockOffBy(fiveMinutesMs)
  await Promise.all([
    installation.startProgram('api', { ...ahead, TRIBUTARY_PORT: String(port) }, 'api-ahead'),
    installation.startProgram('worker', ahead, 'worker-ahead'),
    installation.startProgram('worker', clockOffBy(-fiveMinutesMs), 'worker-behind'),
  ])
  endpoints = { behind: installation.endpoint, ahead: `http://127.0.0.1:${port}` }
  organization = await installation.createOrganization()
  cluster = await createCluster(organization)
})
afterAll(() => installation[Symbol.asyncDispose]())

const query = <Row>(text: string, values: readonly unknown[] = []) =>
  queryAsOwner<Row>(installation.databaseUrl, text, values)

describe('processes whose clocks are minutes apart agree', { timeout: 180_000 }, () => {
  it.each([
    ['behind', 'ahead'],
    ['ahead', 'behind'],
  ] as const)('a session that began at the api that is %s is good at the one that is %s', async (first, second) => {
    const { email, password } = organization
    const { body } = await new ApiClient(endpoints[first]).post('/api/sessions', { email, password })
    expect((await ApiClient.withToken(endpoints[second], body.token).get('/api/me')).status).toBe(200)
    const refreshed = await new ApiClient(endpoints[second]).post('/api/sessions', {
      refresh_token: body.refresh_token,
    })
    expect(refreshed.status).toBe(200)
    const { body: dataPlane } = await ApiClient.withToken(endpoints[first], body.token).post('/api/access_tokens')
    for (const endpoint of [endpoints[first], endpoints[second]]) {
      const topics = await ApiClient.withToken(endpoint, dataPlane.token).get(`/kafka/v3/clusters/${cluster.id}/topics`)
      expect([endpoint, topics.status]).toEqual([endpoint, 200])
    }
  })

  it('an answer that was given once is given again', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const post = (endpoint: string) =>
      ApiClient.withKey(endpoint, organization.cloudKey).post(
        '/iam/v2/service-accounts',
        { display_name: 'made once' },
        headers,
      )
    const made = await post(endpoints.behind)
    expect(made.status).toBe(201)
    expect((await post(endpoints.ahead)).text).toBe(made.text)
  })

  it('a key is good until it expires by the clock of the database', async () => {
    const { cloud, administratorId } = organization
    const { body } = await cloud.post('/iam/v2/api-keys', { spec: { owner: { id: administratorId } } })
    const key = { id: body.id as string, secret: body.spec.secret as string }
    const statuses = () =>
      Promise.all(
        [endpoints.behind, endpoints.ahead].map(
          async (endpoint) => (await ApiClient.withKey(endpoint, key).get('/api/me')).status,
        ),
      )
    await query(`UPDATE api_keys SET expires_at = now() + interval '1 minute' WHERE id = $1`, [key.id])
    expect(await statuses()).toEqual([200, 200])
    await query(`UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1`, [key.id])
    expect(await statuses()).toEqual([401, 401])
  })

  it('what the workers write down has happened by the clock of the database', async () => {
    const [row] = await query<{ apart: number }>(
      `SELECT max(abs(extract(epoch FROM (condition ->> 'lastTransitionTime')::timestamptz - now())))::float8 AS apart
       FROM resources, jsonb_array_elements(conditions) AS condition`,
    )
    expect(row?.apart).toBeLessThan(60)
  })

  it.each(['worker-behind', 'worker-ahead'])(
    'a ring for what waits for its back-off is one for the %s too',
    async (gone) => {
      // The other one does the work.
      await installation.endProgram(gone, 'SIGTERM')
      await query(
        `UPDATE resources SET failures = 1, next_check_at = now() + interval '2 minutes' WHERE kind = 'kafka-access' AND id = $1`,
        [cluster.id],
      )
      await query(`UPDATE resources SET next_check_at = now() WHERE kind = 'kafka-cluster' AND id = $1`, [cluster.id])
      const rung = async () =>
        (await query(`SELECT 1 FROM resources WHERE kind = 'kafka-access' AND id = $1 AND failures = 0`, [cluster.id]))
          .length > 0
      expect(await waitUntil(rung, { timeoutMs: 20_000, what: 'access to be carried out again' })).toBe(true)
      await installation.startProgram(
        'worker',
        clockOffBy(gone === 'worker-ahead' ? fiveMinutesMs : -fiveMinutesMs),
        gone,
      )
    },
  )
})

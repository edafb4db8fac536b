import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createPrisma } from '@tributary/database/database'
import { waitUntil } from '@tributary/kit/waitUntil'
import { testPort } from '@tributary/testkit/ports'
import { ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec, createCluster, provisioned } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { refusalsOf } from './judgement.ts'
import { accessIsCarriedOut } from './promises.ts'
import type { Key } from './steadyLoad.ts'
import { World } from './world.ts'

let world: World
let endpoints: string[]

beforeAll(async () => {
  world = await World.start(await TestInstallation.start(inject('postgresUrl')))
  const port = await testPort()
  await world.installation.startProgram('api', { TRIBUTARY_PORT: String(port) }, 'other api')
  endpoints = [world.installation.endpoint, `http://127.0.0.1:${port}`]
})
afterAll(() => world[Symbol.asyncDispose]())

const until = (what: string, probe: () => Promise<boolean>, everyMs = 20) =>
  waitUntil(probe, { timeoutMs: 40_000, everyMs, what })
const query = <Row>(text: string, values: readonly unknown[] = []) =>
  queryAsOwner<Row>(world.installation.databaseUrl, text, values)
const brokersOf = (id: string) => processesIn(path.join(world.installation.home, 'workloads', id))

describe('two workers and two APIs on one database and one Redis do everything once', { timeout: 180_000 }, () => {
  it('answers at both what was promised at one, and makes a cluster one broker', async () => {
    const { installation, organization } = world
    await installation.startProgram('worker', {}, 'other worker')
    let id = ''
    const load = await world.underLoad(async () => {
      ;({ id } = await createCluster(organization, { display_name: 'made by two' }))
    }, endpoints)
    expect(refusalsOf(load.answers)).toEqual([])
    expect(await brokersOf(id)).toHaveLength(1)
    const doneTwice = await query<{ name: string; times: string }>(
      `SELECT name, count(*) AS times FROM steps WHERE resource_id = $1 AND kind = 'kafka-cluster' GROUP BY 1 HAVING count(*) > 1`,
      [id],
    )
    expect(doneTwice).toEqual([])
    await installation.endProgram('other worker', 'SIGTERM')
  })

  it('gives one answer to what is sent to both at the same time', async () => {
    const clients = endpoints.map((endpoint) => ApiClient.withKey(endpoint, world.organization.cloudKey))
    for (let round = 0; round < 5; round++) {
      const headers = { 'idempotency-key': randomUUID() }
      const post = (client: ApiClient) =>
        client.post('/iam/v2/service-accounts', { display_name: `at once ${round}` }, headers)
      const answers = await Promise.all([...clients, ...clients].map(post))
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201])
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    }
  })

  it('takes at one the session that began at the other, and ends it at both', async () => {
    const { email, password } = world.organization
    const { body } = await new ApiClient(endpoints[0] ?? '').post('/api/sessions', { email, password })
    const signedIn = endpoints.map((endpoint) => ApiClient.withToken(endpoint, body.token))
    const statuses = () => Promise.all(signedIn.map(async (client) => (await client.get('/api/me')).status))
    expect(await statuses()).toEqual([200, 200])
    expect((await signedIn[1]?.delete('/api/sessions'))?.status).toBe(204)
    expect(await statuses()).toEqual([401, 401])
  })
})

/**
 * Stops the worker, as by SIGSTOP, while it holds the lease, and returns when the lease has ended under it. False where
 * it let go in time.
 */
async function pauseHolding(kind: string, id: string, withinMs: number): Promise<boolean> {
  const { installation } = world
  const worker = installation.program('worker')
  await using cleanup = new AsyncDisposableStack()
  const prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 1 })
  cleanup.defer(() => prisma.$disconnect())
  const leases = () => prisma.$queryRaw<{ ended: boolean }[]>`
    SELECT lease_expires_at < now() AS ended FROM resources
    WHERE kind = ${kind} AND id = ${id} AND lease_holder LIKE ${`%/${worker?.pid}`}`
  for (const begun = performance.now(); performance.now() - begun < withinMs;) {
    if ((await leases()).length === 0) continue
    worker?.kill('SIGSTOP')
    const left = await waitUntil(
      async () => {
        const [lease] = await leases()
        return lease === undefined ? 'let go' : lease.ended && 'ended'
      },
      { timeoutMs: 10_000, everyMs: 20, what: 'the lease to end' },
    )
    if (left === 'ended') return true
    worker?.kill('SIGCONT')
  }
  return false
}

/** Wakes the paused worker and returns when it has seen that the lease is no longer its own. */
async function wake(kind: string, id: string) {
  world.installation.program('worker')?.kill('SIGCONT')
  await until('the worker to see that it lost the lease', async () => {
    const lines = (await readFile(world.installation.logFile('worker'), 'utf8')).split('\n')
    return lines.some((line) => line.includes('lost the lease') && line.includes(kind) && line.includes(id))
  })
  await world.installation.endProgram('other worker', 'SIGTERM')
}

describe('a worker that wakes after its lease ended does no harm', { timeout: 180_000 }, () => {
  it('to a cluster that another has made meanwhile', async () => {
    const { installation, organization } = world
    const spec = clusterSpec(organization.environmentId, { display_name: 'outlives its worker' })
    const { body } = await organization.cloud.post('/cmk/v2/clusters', spec)
    expect(await pauseHolding('kafka-cluster', body.id, 20_000)).toBe(true)
    await installation.startProgram('worker', {}, 'other worker')
    const cluster = await provisioned(organization, body.id)
    const brokers = await brokersOf(cluster.id)
    expect(brokers).toHaveLength(1)
    await wake('kafka-cluster', cluster.id)
    expect(await brokersOf(cluster.id)).toEqual(brokers)
    expect((await organization.cloud.get(cluster.path)).body.status.phase).toBe('PROVISIONED')
  })

  it('to access: a key that was deleted meanwhile does not come back', async () => {
    const { installation, organization, cluster } = world
    const { cloud, administratorId } = organization
    const newKey = async (): Promise<Key> => {
      const { body } = await cloud.post('/iam/v2/api-keys', {
        spec: { owner: { id: administratorId }, resource: { id: cluster.id } },
      })
      return { id: body.id, secret: body.spec.secret, deleted: false }
    }
    let key: Key | undefined
    await until('the worker to be caught while it publishes', async () => {
      key = await newKey()
      return pauseHolding('kafka-access', cluster.id, 500)
    })
    if (key === undefined) throw new Error('no key was made')
    expect((await cloud.delete(`/iam/v2/api-keys/${key.id}`)).status).toBe(204)
    key.deleted = true
    await installation.startProgram('worker', {}, 'other worker')
    const afterwards = await newKey()
    await accessIsCarriedOut({ keys: [key, afterwards], bindings: [] }, cluster, installation)
    await wake('kafka-access', cluster.id)
    // What the woken one wrote, if anything, stands before this in the topic.
    const last = await newKey()
    await accessIsCarriedOut({ keys: [last], bindings: [] }, cluster, installation)
    await accessIsCarriedOut({ keys: [key, afterwards], bindings: [] }, cluster, installation, 0)
  })
})

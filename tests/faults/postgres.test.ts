import { waitUntil } from '@tributary/kit/waitUntil'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { createTestPostgres, type TestPostgres } from '@tributary/testkit/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flawsOf, refusalsOf, refusedForMs } from './judgement.ts'
import { startProducing, type Producing } from './producing.ts'
import { brokenPromises, converged, keysAreCarriedOut } from './promises.ts'
import { SteadyLoad } from './steadyLoad.ts'

let postgres: TestPostgres
let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let producing: Producing

beforeAll(async () => {
  postgres = await createTestPostgres()
  installation = await TestInstallation.start(postgres.url)
  organization = await installation.createOrganization()
  cluster = await createCluster(organization)
  producing = await startProducing(await createClusterKey(installation, organization, cluster), cluster.id)
})
afterAll(async () => {
  await producing.stop()
  await installation[Symbol.asyncDispose]()
  await postgres[Symbol.asyncDispose]()
})

/** Of 5xx, after Postgres is back. */
const longestOutageMs = 5000

/** Puts a load on, does what is done to Postgres, and judges all that clients were answered and promised. */
async function underLoad(fault: (load: SteadyLoad) => Promise<unknown>): Promise<SteadyLoad> {
  const load = new SteadyLoad({ endpoints: [installation.endpoint], organization, clusterId: cluster.id })
  const made = (count: number) =>
    waitUntil(() => load.accounts.length >= count, { timeoutMs: 20_000, what: 'clients to get on' })
  await made(4)
  await fault(load)
  await made(load.accounts.length + 4)
  await load.stop()
  expect(flawsOf(load.answers)).toEqual([])
  await converged(installation.databaseUrl)
  await keysAreCarriedOut(load, cluster, installation)
  expect(await brokenPromises(load, organization, installation)).toEqual([])
  return load
}

describe('a Postgres that goes away under load is a short 503, and nothing that was acknowledged is lost', () => {
  it('crashes and is started again, and Kafka clients do not notice', async () => {
    const before = producing.seen().written
    let [during, backAt] = [0, 0]
    const load = await underLoad(async ({ answers }) => {
      await postgres.crash()
      await waitUntil(() => refusalsOf(answers).length > 10, { timeoutMs: 5000, what: 'clients to be refused' })
      during = producing.seen().written
      await postgres.start()
      backAt = performance.now()
    })
    expect(refusedForMs(load.answers, backAt)).toBeLessThan(longestOutageMs)
    expect(during).toBeGreaterThan(before)
    const { failures, slowestMs } = producing.seen()
    expect(failures).toEqual([])
    expect(slowestMs).toBeLessThan(5000)
  })

  it('loses all its connections, again and again', async () => {
    let [ended, lastAt] = [0, 0]
    const load = await underLoad(async ({ answers }) => {
      for (let round = 0; round < 5; round++) {
        ended += await postgres.endBackends(installation.databaseUrl)
        lastAt = performance.now()
        const soFar = answers.length
        await waitUntil(() => answers.length >= soFar + 10, { timeoutMs: 10_000, what: 'clients to be answered' })
      }
    })
    expect(ended).toBeGreaterThan(10)
    expect(refusedForMs(load.answers, lastAt)).toBeLessThan(longestOutageMs)
  })
})

import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { waitUntil } from '@tributary/kit/waitUntil'
import { clusterSpec, provisioned } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { emptyRedis } from '@tributary/testkit/redis'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { LivingCluster } from './livingCluster.ts'
import { journeyTo } from './waysToPoints.ts'

let installation: TestInstallation
let organization: Organization
let workloads: string

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  organization = await installation.createOrganization()
  workloads = path.join(installation.home, 'workloads')
})
afterAll(() => installation[Symbol.asyncDispose]())

const until = (what: string, probe: () => Promise<boolean> | boolean) =>
  waitUntil(probe, { timeoutMs: 60_000, everyMs: 30, what })
const nothingIsLeft = async () => (await readdir(workloads)).length === 0 && (await processesIn(workloads)).length === 0
/** Each test may run alone. */
const workerRuns = async () => {
  const worker = installation.program('worker')
  if (worker === undefined || worker.exitCode !== null || worker.signalCode !== null) {
    await installation.startProgram('worker')
  }
}
const create = async (): Promise<string> => {
  const created = await organization.cloud.post('/cmk/v2/clusters', clusterSpec(organization.environmentId))
  expect(created.status).toBe(202)
  return created.body.id
}

describe('a cluster comes to be though its worker is killed again and again on the way', () => {
  it(
    'at six points, one after the other; it has one broker, and leaves nothing when it is deleted',
    { timeout: 240_000 },
    async () => {
      const points = [
        'relay:after-add',
        'kafka-cluster:startBrokers:after',
        'kafka-cluster:markProvisioned:after-write-1',
        'kafka-access:compare:before-write-2',
      ]
      let id: string | undefined
      const untilKilled = (point: string) =>
        until(`${point} to kill the worker`, () => installation.program('worker')?.signalCode === 'SIGKILL')
      for (const point of points) {
        await installation.startProgram('worker', { TRIBUTARY_FAILPOINT: point })
        id ??= await create()
        await untilKilled(point)
      }
      await installation.startProgram('worker')
      const cluster = await provisioned(organization, id ?? '')
      await using living = await LivingCluster.furnish(installation, organization, cluster)
      const isWell = async () => (await living.complaint()) === undefined
      await until('all to be well', isWell)

      await installation.endProgram('worker', 'SIGKILL')
      for (const point of [
        'kafka-configuration:setClientQuotas:after',
        'kafka-topics:correctCatalogue:before-write-1',
      ]) {
        await installation.startProgram('worker', { TRIBUTARY_FAILPOINT: point })
        await journeyTo(point)?.go(living)
        await untilKilled(point)
      }
      await installation.startProgram('worker')
      await until('all to be well again', isWell)
      expect(await processesIn(workloads)).toHaveLength(1)

      expect((await organization.cloud.delete(cluster.path)).status).toBe(204)
      expect(await until('nothing to be left', nothingIsLeft)).toBe(true)
    },
  )

  it('refuses a point that does not exist', async () => {
    await expect(
      installation.startProgram('worker', { TRIBUTARY_FAILPOINT: 'kafka-cluster:dance:before' }, 'dancer'),
    ).rejects.toThrow('TRIBUTARY_FAILPOINT: there is no kafka-cluster:dance:before.')
  })
})

describe('neither an emptied Redis nor a worker that is stopped keeps a cluster from coming to be', () => {
  it('goes on with the next worker, which the busy one left within ten seconds', async () => {
    await workerRuns()
    const id = await create()
    await until('a broker to start', async () => (await processesIn(workloads)).length > 0)
    await emptyRedis(installation.redisUrl)
    const before = performance.now()
    await installation.endProgram('worker', 'SIGTERM')
    expect(performance.now() - before).toBeLessThan(10_000)
    expect(installation.program('worker')?.exitCode).toBe(0)
    await emptyRedis(installation.redisUrl)
    await installation.startProgram('worker')
    const cluster = await provisioned(organization, id)
    expect(await processesIn(workloads)).toHaveLength(1)
    expect((await organization.cloud.delete(cluster.path)).status).toBe(204)
    expect(await until('nothing to be left', nothingIsLeft)).toBe(true)
  })
})

describe('what a worker did too late is taken down again', () => {
  it('a workload of a cluster that was deleted while it was made, and forgotten', async () => {
    await workerRuns()
    const id = await create()
    await until('a broker to start', async () => (await processesIn(workloads)).length > 0)
    const deleted = await organization.cloud.delete(`/cmk/v2/clusters/${id}?environment=${organization.environmentId}`)
    expect(deleted.status).toBe(204)
    await until('nothing to be left', nothingIsLeft)

    const late = installation.orchestrator
    await late.reserve(id, {
      members: [{ id: 1, zone: 'zone-1' }],
      ports: [{ name: 'external', reach: 'clients' }],
    })
    // The watch may have missed that it was gone between two looks; the next worker looks at all there is.
    await installation.endProgram('worker', 'SIGTERM')
    await installation.startProgram('worker')
    expect(await until('nothing to be left', nothingIsLeft)).toBe(true)
  })
})

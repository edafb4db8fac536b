import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { failpoints } from '@tributary/control/failpoints'
import { clusterSpec, createCluster, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { queryAsOwner } from '@tributary/testkit/database'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { LivingCluster, until } from './livingCluster.ts'
import { journeyTo, type Journey } from './waysToPoints.ts'

let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let living: LivingCluster
let workloads: string

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  organization = await installation.createOrganization()
  workloads = path.join(installation.home, 'workloads')
  cluster = await createCluster(organization)
  living = await LivingCluster.furnish(installation, organization, cluster)
  await until('the cluster to be well', isWell)
  await installation.endProgram('worker', 'SIGKILL')
})
afterAll(async () => {
  await living[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const isWell = async () => {
  const complaint = await living.complaint()
  if (complaint !== undefined) throw new Error(complaint)
  return true
}
const isDead = () => {
  const worker = installation.program('worker')
  return worker !== undefined && (worker.exitCode !== null || worker.signalCode !== null)
}
/** It may die before it is ready. */
async function startWorker(environment: NodeJS.ProcessEnv = {}) {
  await installation.startProgram('worker', environment).catch((error: unknown) => {
    if (installation.program('worker')?.signalCode !== 'SIGKILL') throw error
  })
}
const expectKilled = (point: string) =>
  expect([point, installation.program('worker')?.signalCode]).toEqual([point, 'SIGKILL'])

const ofKinds = failpoints.filter((point) => !/^(relay|sweeper|pruner):/.test(point))
const journeys = ofKinds.map(journeyTo).filter((journey) => journey !== undefined)
const kinds = new Set(ofKinds.map((point) => point.split(':')[0] ?? ''))
const ofBirth = ofKinds.filter((point) => point.includes(':prepareBrokers:'))
const ofEnd = ofKinds.filter((point) => /:removeWorkload:|:forget:|-forget$/.test(point))

/** Goes there until the worker dies of it. */
async function travel({ point, go }: Journey) {
  const deadline = performance.now() + 120_000
  while (!isDead()) {
    if (performance.now() > deadline) throw new Error(`${point} killed nobody`)
    await go(living)
    await until('it to happen', isDead, 4000).catch(() => undefined)
  }
  expectKilled(point)
  await living.signalBrokers('SIGCONT')
}

describe('a worker that is killed while it looks after a Kafka cluster loses nothing', () => {
  it.each([...kinds])(
    'at any point of what it does to a cluster that lives, as %s',
    { timeout: 1_800_000 },
    async (kind) => {
      await installation.endProgram('worker', 'SIGKILL')
      for (const journey of journeys.filter(({ point }) => point.startsWith(`${kind}:`))) {
        await startWorker(journey.environment)
        // What the one before left; or this one dies of it too, and the next one finds what both left.
        await until(`all to be well before ${journey.point}`, async () => isDead() || isWell())
        await travel(journey)
      }
      await startWorker()
      expect(await until('all to be well', isWell)).toBe(true)
    },
  )

  it('though it takes every step twice', { timeout: 600_000 }, async () => {
    await installation.endProgram('worker', 'SIGKILL')
    await startWorker({ TRIBUTARY_FAILPOINT: 'steps=twice' })
    const gone = new Set<string>()
    for (const { point, go } of journeys) {
      const step = point.split(':').slice(0, 2).join(':')
      if (gone.has(step) || /-(renew|fail)$/.test(point)) continue
      gone.add(step)
      await go(living)
      await living.signalBrokers('SIGCONT')
      await until(`all to be well after ${step}`, isWell)
    }
    expect(isDead()).toBe(false)
    await installation.endProgram('worker', 'SIGKILL')
  })
})

async function isGone(id: string): Promise<boolean> {
  const left = await queryAsOwner(
    installation.databaseUrl,
    `SELECT kind FROM resources WHERE id = $1 UNION ALL SELECT kind FROM outbox
     UNION ALL SELECT name FROM steps WHERE resource_id = $1 AND status = 'RUNNING'`,
    [id],
  )
  return left.length === 0 && !(await readdir(workloads)).includes(id)
}

describe('a worker that is killed while a Kafka cluster begins or ends leaves nothing behind', () => {
  it('at any point of its first step and of its last ones', { timeout: 3_600_000 }, async () => {
    expect(new Set([...journeys.map(({ point }) => point), ...ofBirth, ...ofEnd])).toEqual(new Set(ofKinds))
    // Those that have something to take down come first, for those that take it down.
    const births = [...ofBirth.slice(2), ...ofBirth.slice(0, 2)]
    let before: string | undefined
    for (const [n, end] of ofEnd.entries()) {
      const birth = births[n % births.length] ?? ''
      await startWorker({ TRIBUTARY_FAILPOINT: birth })
      if (before !== undefined) await until(`${before} to be gone`, () => isGone(before ?? ''))
      const created = await organization.cloud.post(
        '/cmk/v2/clusters',
        clusterSpec(organization.environmentId, { display_name: `ends ${n}` }),
      )
      expect(created.status).toBe(202)
      await until(`${birth} to kill the worker`, isDead)
      expectKilled(birth)

      const place = `/cmk/v2/clusters/${created.body.id}?environment=${organization.environmentId}`
      expect((await organization.cloud.delete(place)).status).toBe(204)
      await startWorker({ TRIBUTARY_FAILPOINT: end })
      await until(`${end} to kill the worker`, isDead)
      expectKilled(end)
      before = created.body.id
    }
    await startWorker()
    expect((await organization.cloud.delete(cluster.path)).status).toBe(204)
    await until('nothing to be left', async () => (await isGone(before ?? '')) && isGone(cluster.id))
    expect(await processesIn(workloads)).toEqual([])
  })
})

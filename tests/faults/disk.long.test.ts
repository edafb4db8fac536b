import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { waitUntil } from '@tributary/kit/waitUntil'
import { testPort } from '@tributary/testkit/ports'
import { TestInstallation } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { describe, expect, inject, it } from 'vitest'
import { refusalsOf } from './judgement.ts'
import { recordsKept } from './kafkaRestLoad.ts'
import { SmallDisk, smallDiskProblem } from './smallDisk.ts'
import { World } from './world.ts'

const problem = smallDiskProblem()
if (problem !== undefined) console.warn(problem)

const refusals = { timeoutMs: 60_000, what: 'clients to be refused for want of room' }

async function workDirectory(cleanup: AsyncDisposableStack): Promise<string> {
  const work = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
  cleanup.defer(() => rm(work, { recursive: true, force: true }))
  return work
}

describe.skipIf(problem !== undefined)('a full disk of Postgres is a 503, and no promise is broken by it', () => {
  it.each([
    ['for tables', 8 * 1024],
    ['for anything', 0],
  ])('with no room left %s', { timeout: 180_000 }, async (_, leaveBytes) => {
    await using cleanup = new AsyncDisposableStack()
    const work = await workDirectory(cleanup)
    const directory = path.join(work, 'disk')
    await mkdir(directory)
    const disk = new SmallDisk(directory, 300)
    const port = await testPort()
    const postgres = fork(path.join(import.meta.dirname, 'postgresProgram.ts'), {
      execPath: disk.execPath(work),
      env: { ...process.env, DIRECTORY: path.join(directory, 'postgres'), PORT: String(port) },
    })
    cleanup.defer(async () => {
      const ended = once(postgres, 'exit')
      postgres.kill('SIGTERM')
      await ended
    })
    await once(postgres, 'message')
    const world = cleanup.use(
      await World.start(await TestInstallation.start(`postgres://postgres@127.0.0.1:${port}/postgres`)),
    )
    cleanup.defer(() => disk.makeRoom())

    const load = await world.underLoad(async ({ answers }) => {
      disk.fill(postgres, leaveBytes)
      await waitUntil(() => answers.filter(({ status }) => status >= 500).length > 20, refusals)
      disk.makeRoom()
    })
    expect(refusalsOf(load.answers).length).toBeGreaterThan(20)
    expect(world.producing.seen().failures).toEqual([])
  })
})

describe.skipIf(problem !== undefined)('a full disk of the brokers stops them and nothing else', () => {
  it('and when there is room again they go on with all that they had acknowledged', { timeout: 300_000 }, async () => {
    await using cleanup = new AsyncDisposableStack()
    const installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
    const workloads = path.join(installation.home, 'workloads')
    // Nobody but the worker sees its disk, and so nobody else could take down what it started.
    cleanup.defer(async () => {
      for (const pid of await processesIn(workloads)) process.kill(pid, 'SIGKILL')
    })
    await mkdir(workloads, { recursive: true })
    const disk = new SmallDisk(workloads, 200)
    await installation.startProgram('worker', {}, 'worker', disk.execPath(await workDirectory(cleanup)))
    const worker = installation.program('worker')
    if (worker === undefined) throw new Error('there is no worker')
    const world = cleanup.use(await World.start(installation))
    cleanup.defer(() => disk.makeRoom())
    const { cluster, organization, producing } = world
    const conditions = async (): Promise<{ type: string; status: string }[]> => {
      const { body } = await organization.cloud.get(`/tributary/v1/operations?resource=${cluster.id}`)
      return body.resource.reconciliations.find(({ kind }: { kind: string }) => kind === 'kafka-cluster').conditions
    }
    const isReady = async () => (await conditions()).some(({ type, status }) => type === 'Ready' && status === 'True')

    const load = await world.underLoad(async () => {
      const [before] = await processesIn(workloads)
      disk.fill(worker, 0)
      await waitUntil(async () => !(await processesIn(workloads)).includes(before ?? 0), {
        timeoutMs: 60_000,
        what: 'the broker to end for want of room',
      })
      await waitUntil(async () => !(await isReady()), { timeoutMs: 30_000, what: 'its users to be told' })
      disk.makeRoom()
      const { written } = producing.seen()
      await waitUntil(() => producing.seen().written > written + 10, {
        timeoutMs: 120_000,
        what: 'records to be acknowledged again',
      })
      await waitUntil(isReady, { timeoutMs: 60_000, what: 'the cluster to be ready again' })
    })
    expect(refusalsOf(load.answers)).toEqual([])
    await producing.stop()
    expect(await recordsKept(world)).toBeGreaterThanOrEqual(producing.seen().written)
  })
})

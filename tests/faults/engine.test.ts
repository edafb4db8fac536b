import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { failpointNames } from '@tributary/engine/failpoints'
import { systemClock } from '@tributary/kit/clock'
import { waitUntil } from '@tributary/kit/waitUntil'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'
import { createTestRedis, type TestRedis } from '@tributary/testkit/redis'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { fakeSteps, fakeTable } from './fakeKind.ts'

let directory: string
let machines: string
let database: TestDatabase
let redis: TestRedis
let orchestrator: FakeOrchestrator
const workers = new Set<ChildProcess>()

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
  machines = path.join(directory, 'machines.sqlite')
  orchestrator = new FakeOrchestrator(machines, systemClock)
  redis = await createTestRedis()
  database = await createTestDatabase(inject('postgresUrl'))
  await database.query(fakeTable)
})
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL')
  orchestrator[Symbol.dispose]()
  await database[Symbol.asyncDispose]()
  await redis[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

async function startWorker(kinds: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
  const worker = fork(path.join(import.meta.dirname, 'fakeWorker.ts'), {
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      MACHINES: machines,
      KINDS: kinds.join(),
      NODE_COMPILE_CACHE: path.join(directory, 'compiled'),
      ...environment,
    },
    silent: true,
  })
  workers.add(worker)
  worker.once('exit', () => workers.delete(worker))
  await once(worker, 'message')
  return worker
}

const hasEnded = (worker: ChildProcess) => worker.exitCode !== null || worker.signalCode !== null

async function kill(worker: ChildProcess) {
  if (hasEnded(worker)) return
  const ended = once(worker, 'exit')
  worker.kill('SIGKILL')
  await ended
}

/** What an operation of the API commits. */
async function commit(change: string, kind: string, id: string) {
  await database.query(
    `WITH changed AS (${change} RETURNING id), desired AS (
       INSERT INTO resources AS resource (kind, id, organization_id) SELECT $2, id, gen_random_uuid() FROM changed
       ON CONFLICT (kind, id) DO UPDATE SET generation = resource.generation + 1, next_check_at = now(), failures = 0
       RETURNING kind, id)
     INSERT INTO outbox (kind, resource_id) SELECT kind, id FROM desired`,
    [id, kind],
  )
}

async function create(kind: string): Promise<string> {
  const id = randomUUID()
  await commit('INSERT INTO fakes (id) VALUES ($1)', kind, id)
  return id
}

const remove = (kind: string, id: string) => commit('UPDATE fakes SET deleted = true WHERE id = $1', kind, id)

const isReady = async (id: string) =>
  (await database.query<{ ready: boolean }>('SELECT ready FROM fakes WHERE id = $1', [id]))[0]?.ready === true
const namesOfSteps = async (id: string) =>
  (await database.query<{ name: string }>('SELECT name FROM steps WHERE resource_id = $1', [id])).map(
    ({ name }) => name,
  )
const isForgotten = async (id: string) =>
  (await database.query('SELECT 1 FROM resources WHERE id = $1', [id])).length === 0
const until = (what: string, probe: () => Promise<boolean> | boolean) =>
  waitUntil(probe, { timeoutMs: 30_000, everyMs: 15, what })
const allOf = async (ids: readonly string[], is: (id: string) => Promise<boolean>) =>
  (await Promise.all(ids.map(is))).every(Boolean)

describe('a worker that is killed at any point loses nothing and leaves nothing behind', () => {
  it('at each failpoint there is', { timeout: 180_000 }, async () => {
    // A kind for each point, so that no worker mends what another left.
    const points = failpointNames({ KIND: fakeSteps }).map((point, n) => {
      const kind = `fake-${n}`
      return { kind, name: point.replace('KIND', kind) }
    })
    const left: { kind: string; id: string; deleted: boolean }[] = []
    for (const { kind, name } of points) {
      const worker = await startWorker([kind], { TRIBUTARY_FAILPOINT: name })
      const id = await create(kind)
      await until(`${name} or the end`, async () => hasEnded(worker) || (await isReady(id)))
      // What is ready may still be on its way to a point behind that.
      const deleted = !/settled|before-release/.test(name) && !hasEnded(worker)
      if (deleted) await remove(kind, id)
      await until(`${name} to kill its worker`, () => hasEnded(worker))
      expect([name, worker.signalCode]).toEqual([name, 'SIGKILL'])
      left.push({ kind, id, deleted })
    }

    const healer = await startWorker(points.map(({ kind }) => kind))
    const kept = left.filter(({ deleted }) => !deleted)
    await until('all that is wanted to be ready', () =>
      allOf(
        kept.map(({ id }) => id),
        isReady,
      ),
    )
    expect(await orchestrator.list()).toEqual(expect.arrayContaining(kept.map(({ id }) => id)))
    expect(new Set(kept.map(({ id }) => orchestrator.starts(id, 1)))).toEqual(new Set([1]))
    for (const { kind, id } of kept) await remove(kind, id)
    await until('all to be gone', () =>
      allOf(
        left.map(({ id }) => id),
        isForgotten,
      ),
    )
    expect(await orchestrator.list()).toEqual([])
    expect(await database.query('SELECT 1 FROM outbox')).toEqual([])
    await kill(healer)
  })
})

describe('a worker that was paused until its lease had ended does no harm', () => {
  it.each(['kept', 'removed'] as const)(
    'wakes in the middle of a step on what another has finished and %s',
    async (fate) => {
      const kind = `paused-${fate}`
      const paused = await startWorker([kind], { PAUSE_AT: 'start' })
      let said = ''
      paused.stdout?.on('data', (text: Buffer) => (said += text.toString()))
      const id = await create(kind)
      await until('the worker to pause', async () => (await namesOfSteps(id)).includes('start'))
      const healer = await startWorker([kind])
      await until('another to finish', () => isReady(id))
      if (fate === 'removed') await remove(kind, id)
      if (fate === 'removed') await until('it to be gone', () => isForgotten(id))

      paused.kill('SIGCONT')
      await until('it to see that it lost the lease', () => said.includes('lost the lease'))
      expect(await orchestrator.list()).toEqual(fate === 'kept' ? [id] : [])
      expect(orchestrator.starts(id, 1)).toBe(fate === 'kept' ? 1 : 0)
      await Promise.all([kill(healer), kill(paused)])
      await orchestrator.remove(id, { keepVolumes: false })
    },
  )
})

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { failpointNames } from '@tributary/engine/failpoints'
import { createTestRedis, type TestRedis } from '@tributary/testkit/redis'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { FakeInstallation, hasEnded, kill, until } from './fakeInstallation.ts'
import { fakeSteps } from './fakeKind.ts'
import { liveAndDie } from './fakeScenario.ts'

let redis: TestRedis
/** Relays and sweepers do all that is due in a database: points are walked beside each other in several. */
let installations: readonly FakeInstallation[]
let apart: FakeInstallation

beforeAll(async () => {
  redis = await createTestRedis()
  const create = () => FakeInstallation.create(inject('postgresUrl'), redis.url)
  installations = await Promise.all(Array.from({ length: 7 }, create))
  apart = await create()
})
afterAll(async () => {
  await Promise.all([...installations, apart].map((installation) => installation[Symbol.asyncDispose]()))
  await redis[Symbol.asyncDispose]()
})

/** What brings a worker to a point that it does not pass by itself. */
function wayTo(kind: string, point: string): NodeJS.ProcessEnv {
  if (point.endsWith('-renew')) return { START_MS: '600' }
  if (point.endsWith('-fail')) return { TRIBUTARY_FAILPOINT: `${kind}:start:before=throw,${point}` }
  return {}
}

describe('a worker that is killed at any point loses nothing and leaves nothing behind', () => {
  // A kind for each point: who is armed for one dies of nothing else.
  const points = failpointNames({ KIND: fakeSteps }).map((name, n) => {
    const kind = `fake-${n}`
    return { kind, point: name.replace('KIND', kind) }
  })

  /** Each worker goes on with what the one before it left, until it dies of its own point; the last one does not. */
  async function walk(installation: FakeInstallation, next: () => (typeof points)[number] | undefined) {
    const walked: string[] = []
    let before: { kind: string; life: Promise<unknown> }[] = []
    for (let way = next(); way !== undefined; way = next()) {
      const { kind, point } = way
      const start = (kinds: readonly string[]) =>
        installation.startWorker(kinds, { TRIBUTARY_FAILPOINT: point, ...wayTo(kind, point) })
      const beginLife = () => ({ kind, life: liveAndDie(installation, kind, { ring: !point.startsWith('sweeper:') }) })
      let worker: ChildProcess
      if (point.startsWith(kind)) {
        worker = await start([...before.map((each) => each.kind), kind])
        await Promise.all(before.map(({ life }) => life))
        before = [beginLife()]
      } else {
        // Who is to die of a ring dies of anybody's, so it goes on with nothing.
        await installation.leaveOldRows()
        before.push(beginLife())
        await until(`a ${kind} to be asked for`, () => installation.hasBeenAsked(kind))
        worker = await start([kind])
      }
      await until(`${point} to kill its worker`, () => hasEnded(worker))
      expect([point, worker.signalCode]).toEqual([point, 'SIGKILL'])
      walked.push(point)
    }
    const healer = await installation.startWorker(before.map(({ kind }) => kind))
    await Promise.all(before.map(({ life }) => life))
    await until('what is old to be deleted', async () => !(await installation.hasOldRows()))
    await expectNothingLeft(installation)
    await kill(healer)
    return walked
  }

  it('at each failpoint there is', { timeout: 400_000 }, async () => {
    const left = [...points]
    const walked = await Promise.all(installations.map((installation) => walk(installation, () => left.shift())))
    expect(walked.flat().toSorted()).toEqual(points.map(({ point }) => point).toSorted())
  })
})

async function expectNothingLeft(installation: FakeInstallation) {
  expect(await installation.orchestrator.list()).toEqual([])
  expect(await installation.query('SELECT 1 FROM resources')).toEqual([])
  await until('no ring to be left', async () => (await installation.query('SELECT 1 FROM outbox')).length === 0)
}

describe('the step of a resource that was ready is over though its worker died before it could say so', () => {
  it('as soon as nothing is left to do', async () => {
    const installation = apart
    const first = await installation.startWorker(['ready'])
    const id = await installation.create('ready')
    await until('it to be ready', () => installation.isSettled(id))
    await kill(first)
    // Waiting would say that it is not ready; this growth waits for nothing.
    await installation.query('UPDATE fakes SET looks = 100 WHERE id = $1', id)
    await installation.resize('ready', id, 2)
    const second = await installation.startWorker(['ready'], { TRIBUTARY_FAILPOINT: 'ready:markReady:after' })
    await until('the last step to be taken', () => hasEnded(second))
    expect((await installation.steps(id)).at(-1)).toMatchObject({ name: 'markReady', status: 'RUNNING' })
    const third = await installation.startWorker(['ready'])
    await until('it to be ready again', () => installation.isSettled(id))
    expect((await installation.steps(id)).filter(({ status }) => status !== 'COMPLETED')).toEqual([])
    await installation.remove('ready', id)
    await until('it to be gone', () => installation.isForgotten(id))
    await kill(third)
  })
})

describe('what is done more often than once comes to the same', () => {
  it('every step, twice in a row', async () => {
    const installation = apart
    const worker = await installation.startWorker(['twice'], { TRIBUTARY_FAILPOINT: 'steps=twice' })
    const id = await liveAndDie(installation, 'twice')
    // Two looks at the first member in one attempt: so it was made twice.
    const looks = (await installation.steps(id)).find(({ name, generation }) => name === 'await' && generation === 1)
    expect(looks?.attempts).toBe(1)
    await expectNothingLeft(installation)
    await kill(worker)
  })

  it('every job, delivered ten times and out of order to two workers', async () => {
    const installation = apart
    const start = () => installation.startWorker(['tenfold'], { DELIVERY: 'tenfold' })
    const workers = await Promise.all([start(), start()])
    const lives = await Promise.all(Array.from({ length: 3 }, () => liveAndDie(installation, 'tenfold')))
    await expectNothingLeft(installation)
    const handled = workers.map(async (worker) => {
      const said = once(worker, 'message')
      worker.kill('SIGTERM')
      return ((await said) as [{ handled: number }])[0].handled
    })
    // A creation, two growths and a deletion of each.
    expect((await Promise.all(handled)).reduce((sum, n) => sum + n)).toBeGreaterThan(10 * 4 * lives.length)
  })
})

describe('a worker that was paused until its lease had ended does no harm', () => {
  it.each(['kept', 'removed'] as const)(
    'wakes in the middle of a step on what another has finished and %s',
    async (fate) => {
      const installation = apart
      const { orchestrator } = installation
      const kind = `paused-${fate}`
      const paused = await installation.startWorker([kind], { PAUSE_AT: 'start' })
      let said = ''
      paused.stdout?.on('data', (text: Buffer) => (said += text.toString()))
      const id = await installation.create(kind)
      await until('the worker to pause', async () =>
        (await installation.steps(id)).some(({ name }) => name === 'start'),
      )
      const healer = await installation.startWorker([kind])
      await until('another to finish', () => installation.isSettled(id))
      if (fate === 'removed') await installation.remove(kind, id)
      if (fate === 'removed') await until('it to be gone', () => installation.isForgotten(id))

      paused.kill('SIGCONT')
      await until('it to see that it lost the lease', () => said.includes('lost the lease'))
      expect(await orchestrator.list()).toEqual(fate === 'kept' ? [id] : [])
      expect(orchestrator.starts(id, 1)).toBe(fate === 'kept' ? 1 : 0)
      await Promise.all([kill(healer), kill(paused)])
      await orchestrator.remove(id, { keepVolumes: false })
    },
  )
})

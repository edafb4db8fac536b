import { randomUUID } from 'node:crypto'
import { createPrisma, Database, type Prisma } from '@tributary/database/database'
import { Resources } from '@tributary/database/resources'
import { Steps } from '@tributary/database/steps'
import { systemClock } from '@tributary/kit/clock'
import { createLog } from '@tributary/kit/log'
import { waitUntil } from '@tributary/kit/waitUntil'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import { createTestRedis, type TestRedis } from '@tributary/testkit/redis'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Condition } from './conditions.ts'
import { startEngine, type Engine } from './engine.ts'
import { Jobs } from './jobs.ts'
import type { Outcome, Reconciler, StepContext } from './reconciler.ts'

let testDatabase: TestDatabase
let redis: TestRedis
let database: Database
let prisma: Prisma
const running: { stop(): Promise<void> }[] = []
const logged: { level: number; msg: string; id?: string }[] = []

beforeAll(async () => {
  redis = await createTestRedis()
  testDatabase = await createTestDatabase(inject('postgresUrl'))
  database = new Database({ url: testDatabase.url, role: 'tributary_worker' })
  prisma = createPrisma({ url: testDatabase.url, role: 'tributary_worker' })
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((engine) => engine.stop()))
})
afterAll(async () => {
  await prisma.$disconnect()
  await database.close()
  await testDatabase[Symbol.asyncDispose]()
  await redis[Symbol.asyncDispose]()
})

type Act = (id: string, context: StepContext) => Promise<Outcome> | Outcome

const anHour = 3_600_000
const settled: Outcome = { next: 'settled', driftCheckAfterMs: anHour }

/** A kind of a test's own, whose only step does what the test says. */
function kindThat(act: Act, concurrency = 8): Reconciler {
  return {
    kind: randomUUID(),
    concurrency,
    load: () => Promise.resolve(undefined),
    plan: () => ({ do: 'act' }),
    execute: async (_step, _state, context) => act(context.lease.id, context),
  }
}

function start(reconciler: Reconciler, { longestStepMs = 60_000, leaseTtlMs = 1000 } = {}): Engine {
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null })
  connection.on('error', () => undefined)
  const log = createLog('test', 'warn', { write: (line) => logged.push(JSON.parse(line)) })
  const jobs = new Jobs({ connection, prefix: 'test', kinds: [reconciler.kind], log })
  const engine = startEngine({
    database,
    resources: new Resources(database, prisma, leaseTtlMs),
    steps: new Steps(database),
    jobs,
    reconcilers: [reconciler],
    clock: systemClock,
    log,
    holder: 'test',
    longestStepMs,
  })
  let stopped: Promise<void> | undefined
  const stop = (graceMs = 1000) =>
    (stopped ??= engine
      .stop(graceMs)
      .then(() => jobs.close(500))
      .finally(() => connection.disconnect()))
  running.push({ stop })
  return { stop }
}

/** What every change commits: a new generation and a pointer to it. */
async function desire(kind: string, id: string = randomUUID()): Promise<string> {
  await testDatabase.query(
    `WITH desired AS (
       INSERT INTO resources AS resource (kind, id, organization_id) VALUES ($1, $2, $3)
       ON CONFLICT (kind, id) DO UPDATE SET generation = resource.generation + 1, next_check_at = now(), failures = 0
       RETURNING kind, id)
     INSERT INTO outbox (kind, resource_id) SELECT kind, id FROM desired`,
    [kind, id, randomUUID()],
  )
  return id
}

interface Row {
  generation: string
  observed_generation: string
  failures: number
  conditions: Condition[]
  lease_holder: string | null
  wait_seconds: number
}

async function read(kind: string, id: string): Promise<Row | undefined> {
  const [row] = await testDatabase.query<Row>(
    `SELECT *, extract(epoch FROM next_check_at - now())::float8 AS wait_seconds FROM resources WHERE kind = $1 AND id = $2`,
    [kind, id],
  )
  return row
}

const isSettled = (row: Row | undefined) =>
  row !== undefined && row.observed_generation === row.generation && row.lease_holder === null
const untilSettled = (kind: string, ids: readonly string[], timeoutMs = 30_000) =>
  waitUntil(async () => (await Promise.all(ids.map((id) => read(kind, id)))).every(isSettled), {
    timeoutMs,
    everyMs: 20,
    what: 'everything to be settled',
  })
const until = (what: string, probe: () => unknown) =>
  waitUntil(async () => Boolean(await probe()), { timeoutMs: 20_000, everyMs: 10, what })

/** Settles after some rounds of waiting. */
function patientKind(rounds: number, everyMs = 50) {
  const seen = new Map<string, number>()
  const reconciler = kindThat((id) => {
    const round = (seen.get(id) ?? 0) + 1
    seen.set(id, round)
    return round < rounds ? { next: 'checkAgain', afterMs: everyMs, waitingFor: 'the next round' } : settled
  })
  return { reconciler, seen, total: () => [...seen.values()].reduce((sum, rounds) => sum + rounds, 0) }
}

/** Its first step of each resource ends when the test says so. */
function gatedKind() {
  const gate = Promise.withResolvers<void>()
  const generations: bigint[] = []
  const reconciler = kindThat(async (_id, { lease }) => {
    generations.push(lease.generation)
    await gate.promise
    return settled
  })
  return { reconciler, generations, open: gate.resolve }
}

describe('what was committed is done, whatever happens to Redis', () => {
  it('when it is emptied again and again', async () => {
    const { reconciler, total } = patientKind(20)
    start(reconciler)
    const ids = await Promise.all(Array.from({ length: 10 }, () => desire(reconciler.kind)))
    for (const rounds of [10, 60, 120]) {
      await until('some rounds', () => total() >= rounds)
      await redis.empty()
    }
    expect(await untilSettled(reconciler.kind, ids)).toBe(true)
  })

  it('when it is away while things are asked for, and comes back empty', async () => {
    const { reconciler } = patientKind(3)
    start(reconciler)
    const before = await desire(reconciler.kind)
    await redis.stop()
    const meanwhile = await desire(reconciler.kind)
    const outbox = () =>
      testDatabase.query('SELECT 1 FROM outbox WHERE resource_id = $1', [meanwhile]).then((rows) => rows.length)
    await until('the relay to fail', () => logged.some(({ msg }) => msg.startsWith('the relay could not deliver')))
    expect(await outbox()).toBe(1)
    await redis.start()
    expect(await untilSettled(reconciler.kind, [before, meanwhile])).toBe(true)
    await until('the outbox to be empty', async () => (await outbox()) === 0)
  })
})

describe('what was committed is done, whatever happens to connections to Postgres', () => {
  it('when they are cut again and again, while steps run and LISTEN waits', async () => {
    const { reconciler, total } = patientKind(20)
    start(reconciler)
    const ids = await Promise.all(Array.from({ length: 10 }, () => desire(reconciler.kind)))
    for (const rounds of [10, 40, 80, 120]) {
      await until('some rounds', () => total() >= rounds)
      await testDatabase.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      )
    }
    expect(await untilSettled(reconciler.kind, [...ids, await desire(reconciler.kind)])).toBe(true)
  })
})

describe('nothing that comes while a step runs is missed', () => {
  it('a newer desired state supersedes the one that runs', async () => {
    const { reconciler, generations, open } = gatedKind()
    start(reconciler)
    const id = await desire(reconciler.kind)
    await until('the step to run', () => generations.length === 1)
    await desire(reconciler.kind, id)
    await desire(reconciler.kind, id)
    open()
    await untilSettled(reconciler.kind, [id])
    expect(generations.slice(0, 2)).toEqual([1n, 3n])
    expect(await read(reconciler.kind, id)).toMatchObject({ generation: '3', observed_generation: '3' })
  })

  it('nor is a change of the world, though its ring met the lease held', async () => {
    const { reconciler, generations, open } = gatedKind()
    start(reconciler)
    const id = await desire(reconciler.kind)
    await until('the step to run', () => generations.length === 1)
    await new Resources(database, prisma, 1000).touch(reconciler.kind, [id])
    open()
    await until('another look', () => generations.length >= 2)
    await untilSettled(reconciler.kind, [id])
    expect((await read(reconciler.kind, id))?.wait_seconds).toBeGreaterThan(3000)
  })
})

describe('deletion is only another desired state', () => {
  it('takes over while something is made, and may be asked for twice', async () => {
    const wanted = new Map<string, 'there' | 'gone'>()
    const made = new Set<string>()
    const reconciler = kindThat((id) => {
      if (wanted.get(id) === 'gone') {
        made.delete(id)
        return { next: 'forget' }
      }
      made.add(id)
      return { next: 'checkAgain', afterMs: 20, waitingFor: 'ever' }
    })
    start(reconciler)
    const id = randomUUID()
    wanted.set(id, 'there')
    await desire(reconciler.kind, id)
    await until('it to be made', () => made.has(id))
    wanted.set(id, 'gone')
    await Promise.all([desire(reconciler.kind, id), desire(reconciler.kind, id)])
    await until('it to be forgotten', async () => (await read(reconciler.kind, id)) === undefined)
    await desire(reconciler.kind, id)
    await until('it to be forgotten again', async () => (await read(reconciler.kind, id)) === undefined)
    expect(made.has(id)).toBe(false)
  })
})

describe('a resource in trouble is in nobody’s way', () => {
  it('a bug stalls it, is logged as an error, and is tried again in an hour', async () => {
    const broken = randomUUID()
    const reconciler = kindThat((id) => {
      if (id === broken) throw new TypeError('secret-detail is not a function')
      return settled
    }, 1)
    start(reconciler)
    await desire(reconciler.kind, broken)
    const others = await Promise.all(Array.from({ length: 5 }, () => desire(reconciler.kind)))
    expect(await untilSettled(reconciler.kind, others)).toBe(true)
    await until('the failure', async () => (await read(reconciler.kind, broken))?.failures === 1)
    const row = await read(reconciler.kind, broken)
    expect(row?.wait_seconds).toBeGreaterThan(3500)
    expect(row?.conditions.find(({ type }) => type === 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'InternalError',
    })
    expect(logged).toContainEqual(expect.objectContaining({ id: broken, level: 50, msg: 'a step failed' }))
    const steps = await testDatabase.query('SELECT status, error FROM steps WHERE resource_id = $1', [broken])
    expect(steps).toMatchObject([{ status: 'FAILED', error: { reason: 'InternalError' } }])
    expect(JSON.stringify([row, steps])).not.toContain('secret-detail')
  })

  it('a step that never ends gives its slot back', async () => {
    const hanging = randomUUID()
    const reconciler = kindThat((id) => (id === hanging ? new Promise(() => undefined) : settled), 1)
    start(reconciler, { longestStepMs: 300 })
    await desire(reconciler.kind, hanging)
    await until('it to hang', async () => (await read(reconciler.kind, hanging))?.lease_holder === 'test')
    expect(await untilSettled(reconciler.kind, [await desire(reconciler.kind)])).toBe(true)
    const row = await read(reconciler.kind, hanging)
    expect(row?.conditions.find(({ type }) => type === 'Ready')?.reason).toBe('StepTimedOut')
    expect(row?.lease_holder).toBeNull()
  })
})

describe('a resource that waits is looked at as often as it asked for', () => {
  it('however often it is rung for', async () => {
    const { reconciler, seen } = patientKind(1000, 100)
    start(reconciler)
    const id = await desire(reconciler.kind)
    const rounds = () => seen.get(id) ?? 0
    for (let ring = 0; ring < 10; ring++) {
      const before = rounds()
      await desire(reconciler.kind, id)
      await until('the ring to be answered', () => rounds() > before)
    }
    const [before, since] = [rounds(), performance.now()]
    await until('twenty more rounds', () => rounds() >= before + 20)
    expect(performance.now() - since).toBeGreaterThan(1200)
  })
})

describe('a step that waits is over when what it waited for has come', () => {
  it('though nothing is left to do then', async () => {
    const seen = { rounds: 0 }
    const { reconciler } = patientKind(3)
    const planned = { ...reconciler, plan: () => ({ do: seen.rounds++ < 2 ? 'wait' : 'settled' }) }
    start(planned)
    const id = await desire(planned.kind)
    await untilSettled(planned.kind, [id])
    const steps = await testDatabase.query('SELECT name, status FROM steps WHERE resource_id = $1 ORDER BY sequence', [
      id,
    ])
    expect(steps).toEqual([{ name: 'wait', status: 'COMPLETED' }])
  })
})

describe('a worker that stops leaves nothing half done and nothing blamed', () => {
  it('lets a step end, and the next worker goes on', async () => {
    const done: string[] = []
    const gate = Promise.withResolvers<void>()
    const reconciler = kindThat(async () => {
      done.push('begun')
      await gate.promise
      done.push('ended')
      return done.length < 3 ? { next: 'continue' } : settled
    })
    const engine = start(reconciler)
    const id = await desire(reconciler.kind)
    await until('the step to begin', () => done.length === 1)
    const stopped = engine.stop(5000)
    gate.resolve()
    await stopped
    expect(done).toEqual(['begun', 'ended'])
    expect(await read(reconciler.kind, id)).toMatchObject({ lease_holder: null, failures: 0 })
    start(reconciler)
    expect(await untilSettled(reconciler.kind, [id])).toBe(true)
  })

  it('a step that gives up on the signal has not failed', async () => {
    let begun = 0
    const reconciler = kindThat((_id, { signal }) => {
      begun++
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new TypeError('aborted'))))
    })
    const engine = start(reconciler)
    const id = await desire(reconciler.kind)
    await until('the step to begin', () => begun === 1)
    await engine.stop(5000)
    expect(await read(reconciler.kind, id)).toMatchObject({ lease_holder: null, failures: 0, conditions: [] })
  })

  it('a step that never ends does not keep it, nor does a Redis that is away', async () => {
    const reconciler = kindThat(() => new Promise(() => undefined))
    const engine = start(reconciler)
    const id = await desire(reconciler.kind)
    await until('it to hang', async () => (await read(reconciler.kind, id))?.lease_holder === 'test')
    await redis.stop()
    const before = performance.now()
    await engine.stop(500)
    expect(performance.now() - before).toBeLessThan(2000)
    await redis.start()
  })
})

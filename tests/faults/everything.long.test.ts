import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '@tributary/kit/waitUntil'
import { TestInstallation } from '@tributary/testkit/installation'
import { createTestPostgres, type TestPostgres } from '@tributary/testkit/postgres'
import { processesIn } from '@tributary/testkit/processes'
import { emptyRedis } from '@tributary/testkit/redis'
import { repeatable, seedOfRun, type Seeded } from '@tributary/testkit/seeded'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KafkaRestLoad, recordsKept } from './kafkaRestLoad.ts'
import type { SteadyLoad } from './steadyLoad.ts'
import { World } from './world.ts'

let postgres: TestPostgres
let world: World

beforeAll(async () => {
  postgres = await createTestPostgres()
  world = await World.start(await TestInstallation.start(postgres.url))
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await postgres[Symbol.asyncDispose]()
})

const brokers = () => processesIn(path.join(world.installation.home, 'workloads'))
const signalBrokers = async (signal: NodeJS.Signals) => {
  for (const pid of await brokers()) process.kill(pid, signal)
}

/** What may befall an installation, each over when it returns. `forMs` is how long what can last lasts. */
const faults: Readonly<Record<string, (forMs: number) => Promise<unknown>>> = {
  async 'a worker dies'() {
    await world.installation.endProgram('worker', 'SIGKILL')
    await world.installation.startProgram('worker')
  },
  async 'a worker is paused'(forMs) {
    const worker = world.installation.program('worker')
    worker?.kill('SIGSTOP')
    await delay(forMs)
    worker?.kill('SIGCONT')
  },
  async 'another worker comes and goes'(forMs) {
    await world.installation.startProgram('worker', {}, 'another worker')
    await delay(forMs)
    await world.installation.endProgram('another worker', 'SIGKILL')
  },
  'Redis is emptied': () => emptyRedis(world.installation.redisUrl),
  async 'Redis is away'(forMs) {
    await world.installation.stopRedis()
    await delay(forMs)
    await world.installation.startRedis()
  },
  async 'Postgres crashes'() {
    await postgres.crash()
    await postgres.start()
  },
  async 'Postgres is killed'() {
    await postgres.crash('SIGKILL')
    await postgres.start()
  },
  'connections to Postgres break': () => postgres.endBackends(world.installation.databaseUrl),
  'the broker dies': () => signalBrokers('SIGKILL'),
  async 'the broker is paused'(forMs) {
    await signalBrokers('SIGSTOP')
    await delay(forMs)
    await signalBrokers('SIGCONT')
  },
}

const rounds = 40

/** One fault after another, and now and then two at once; between them clients get on. */
async function befall(random: Seeded, { accounts }: SteadyLoad) {
  for (let round = 1; round <= rounds; round++) {
    const names = random.chance(0.3) ? [random.pick(groups.world), random.pick(groups.control)] : [random.pick(all)]
    const seen = accounts.length
    await Promise.all(names.map(async (name) => faults[name]?.(random.between(100, 4000))))
    await waitUntil(() => accounts.length > seen, {
      timeoutMs: 30_000,
      what: `clients to get on after round ${round}, in which ${names.join(' and ')}`,
    })
  }
}

const all = Object.keys(faults)
/** Of one group nothing happens twice at once: a worker that dies is not paused. */
const groups = {
  world: ['the broker dies', 'the broker is paused', 'Redis is emptied', 'Redis is away'],
  control: ['a worker dies', 'a worker is paused', 'Postgres crashes', 'connections to Postgres break'],
}

describe('whatever befalls an installation', () => {
  it('every answer is due or a 503, and every promise is kept', { timeout: 900_000 }, async () => {
    await repeatable(seedOfRun(), async (random) => {
      const api = world.installation.program('api')
      const rest = new KafkaRestLoad(world)
      await world.underLoad((load) => befall(random, load))
      const written = await rest.stop()
      await world.producing.stop()
      expect([api?.exitCode, api?.signalCode]).toEqual([null, null])
      expect(rest.strange()).toEqual({})
      expect(await recordsKept(world)).toBeGreaterThanOrEqual(world.producing.seen().written + written)
    })
  })
})

import { waitUntil } from '@tributary/kit/waitUntil'
import { TestInstallation } from '@tributary/testkit/installation'
import { createTestPostgres, type TestPostgres } from '@tributary/testkit/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalsOf, refusedForMs } from './judgement.ts'
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

/** Of 5xx, after Postgres is back. */
const longestOutageMs = 5000

describe('a Postgres that goes away under load is a short 503, and nothing that was acknowledged is lost', () => {
  it.each(['SIGQUIT', 'SIGKILL'] as const)(
    'ends by %s and is started again, and Kafka clients do not notice',
    async (signal) => {
      const before = world.producing.seen().written
      let [during, backAt] = [0, 0]
      const load = await world.underLoad(async ({ answers }) => {
        await postgres.crash(signal)
        await waitUntil(() => refusalsOf(answers).length > 10, { timeoutMs: 5000, what: 'clients to be refused' })
        during = world.producing.seen().written
        await postgres.start()
        backAt = performance.now()
      })
      expect(refusedForMs(load.answers, backAt)).toBeLessThan(longestOutageMs)
      expect(during).toBeGreaterThan(before)
      const { failures, slowestMs } = world.producing.seen()
      expect(failures).toEqual([])
      expect(slowestMs).toBeLessThan(5000)
    },
  )

  it('loses all its connections, again and again', async () => {
    let [ended, lastAt] = [0, 0]
    const load = await world.underLoad(async ({ answers }) => {
      for (let round = 0; round < 5; round++) {
        ended += await postgres.endBackends(world.installation.databaseUrl)
        lastAt = performance.now()
        const soFar = answers.length
        await waitUntil(() => answers.length >= soFar + 10, { timeoutMs: 10_000, what: 'clients to be answered' })
      }
    })
    expect(ended).toBeGreaterThan(10)
    expect(refusedForMs(load.answers, lastAt)).toBeLessThan(longestOutageMs)
  })
})

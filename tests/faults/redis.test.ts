import { waitUntil } from '@tributary/kit/waitUntil'
import { TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { refusalsOf } from './judgement.ts'
import { takeRedisAway, whileEmptied } from './redisFaults.ts'
import { World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await World.start(await TestInstallation.start(inject('postgresUrl')))
})
afterAll(() => world[Symbol.asyncDispose]())

describe('Redis holds nothing that is missed', () => {
  it('is emptied five times a second, and keys and bindings come to be', async () => {
    let emptied = 0
    const load = await world.underLoad(async ({ bindings }) => {
      emptied = await whileEmptied(world.installation.redisUrl, 200, () =>
        waitUntil(() => bindings.length >= 4, { timeoutMs: 30_000, what: 'role bindings to be made' }),
      )
    })
    expect(emptied).toBeGreaterThan(2)
    expect(refusalsOf(load.answers)).toEqual([])
  })

  it('is away for a while, and the API goes on answering reads and writes', async () => {
    const { written, refused } = await takeRedisAway(world, 2500)
    expect(written).toBeGreaterThan(5)
    expect(refused).toBe(0)
  })
})

import { createCluster, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { converged } from './promises.ts'
import { takeRedisAway, whileEmptied } from './redisFaults.ts'
import { World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await World.start(await TestInstallation.start(inject('postgresUrl')))
})
afterAll(() => world[Symbol.asyncDispose]())

describe('Redis holds nothing that is missed', () => {
  it('is away for a while, and the API goes on answering reads and writes', { timeout: 180_000 }, async () => {
    const { written, refused } = await takeRedisAway(world, 30_000)
    expect(written).toBeGreaterThan(5)
    expect(refused).toBe(0)
  })

  it.each([20, 200, 1000])(
    'is emptied every %i ms while three clusters are made',
    { timeout: 300_000 },
    async (everyMs) => {
      const { organization, installation } = world
      const names = ['one', 'two', 'three']
      let made: ProvisionedCluster[] = []
      let emptied = 0
      await world.underLoad(async () => {
        emptied = await whileEmptied(installation.redisUrl, everyMs, async () => {
          made = await Promise.all(names.map((display_name) => createCluster(organization, { display_name })))
        })
      })
      expect(emptied).toBeGreaterThan(5)
      for (const { path } of made) expect((await organization.cloud.delete(path)).status).toBe(204)
      // A step that was at work on a cluster when its brokers went is given up after two minutes.
      await converged(installation.databaseUrl, 180_000)
    },
  )
})

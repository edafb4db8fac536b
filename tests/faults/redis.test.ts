import { createCluster } from '@tributary/testkit/clusters'
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
  it('is emptied five times a second, and clusters, keys and bindings come to be', async () => {
    const { organization, installation } = world
    let emptied = 0
    const load = await world.underLoad(async () => {
      emptied = await whileEmptied(installation.redisUrl, 200, () =>
        createCluster(organization, { display_name: 'made meanwhile' }),
      )
    })
    expect(emptied).toBeGreaterThan(5)
    expect(load.bindings.length).toBeGreaterThan(0)
    expect(refusalsOf(load.answers)).toEqual([])
  })

  it('is away for a while, and the API goes on answering reads and writes', async () => {
    const { written, refused } = await takeRedisAway(world, 2500)
    expect(written).toBeGreaterThan(5)
    expect(refused).toBe(0)
  })
})

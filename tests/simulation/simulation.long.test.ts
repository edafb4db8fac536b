import { describe, expect, it } from 'vitest'
import { brokenSeeds } from './manySeeds.ts'

describe('whatever befalls workers, Redis, brokers and calls, every promise is kept', () => {
  it('in 100,000 histories', { timeout: 7_200_000 }, async () => {
    expect(await brokenSeeds(1, 100_000)).toEqual([])
  })
})

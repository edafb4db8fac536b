import { describe, expect, it } from 'vitest'
import { brokenSeeds } from './manySeeds.ts'
import { simulate } from './simulate.ts'

describe('whatever befalls workers, Redis, brokers and calls, every promise is kept', () => {
  it('in 2,000 histories', { timeout: 300_000 }, async () => {
    expect(await brokenSeeds(1, 2000)).toEqual([])
  })
})

describe('a seed is a history', () => {
  it('the same one whenever it is told, and no other’s', async () => {
    const digests = new Set<string>()
    for (let seed = 1; seed <= 25; seed++) {
      const [first, second] = [await simulate(seed, { keepHistory: true }), await simulate(seed, { keepHistory: true })]
      expect(second.history).toEqual(first.history)
      expect(second.digest).toBe(first.digest)
      expect((await simulate(seed)).digest).toBe(first.digest)
      digests.add(first.digest)
    }
    expect(digests.size).toBe(25)
  })
})

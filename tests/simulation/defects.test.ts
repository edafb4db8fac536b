import { describe, expect, it } from 'vitest'
import { defects } from './defects.ts'
import { simulate } from './simulate.ts'

/** Seeds that are tried until one breaks the promise. */
const mostSeeds = 1000

describe('the simulation finds what it is there for', () => {
  it.each(Object.entries(defects))('%s', { timeout: 120_000 }, async (_name, { breaks, make, from = 1 }) => {
    let problems: readonly string[] = []
    for (let seed = from; seed < from + mostSeeds && problems.length === 0; seed++) {
      problems = (await simulate(seed, { defect: make })).problems
    }
    expect(problems[0]).toMatch(new RegExp(`^${breaks}`))
  })
})

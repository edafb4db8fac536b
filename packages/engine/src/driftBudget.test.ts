import { describe, expect, it } from 'vitest'
import { lookAfterMs } from './driftBudget.ts'

describe('when what is settled is looked at again', () => {
  it('as its kind would like, in a small installation', () => {
    expect(lookAfterMs(30_000, 40, 0.9)).toBe(30_000)
  })

  it('at its turn in a large fleet, of which three are looked at in a second', () => {
    expect(lookAfterMs(30_000, 40_000, 0.5)).toBeCloseTo(40_000_000 / 3)
  })

  it('never all at once', () => {
    expect(lookAfterMs(30_000, 40_000, 0)).toBeCloseTo(20_000_000 / 3)
    expect(lookAfterMs(30_000, 40_000, 0.999)).toBeGreaterThan(59_000_000 / 3)
  })
})

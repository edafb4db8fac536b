import { describe, expect, it } from 'vitest'
import { conditionsAfter, notReadyForMs, type Condition, type End } from './conditions.ts'

const early = new Date('2026-01-01T00:00:00Z')
const late = new Date('2026-01-02T00:00:00Z')
const after = (before: readonly Condition[], end: End, now = early) =>
  conditionsAfter({ generation: 3n, conditions: before }, { end, step: 'startBrokers' }, now)
const status = (conditions: readonly Condition[]) =>
  Object.fromEntries(conditions.map((condition) => [condition.type, condition.status]))

describe('conditions say what is true of a resource', () => {
  it.each<[string, End, object]>([
    ['what is settled is ready', { next: 'settled', driftCheckAfterMs: 1 }, { Ready: 'True', Stalled: 'False' }],
    [
      'what waits is neither ready nor stalled',
      { next: 'checkAgain', afterMs: 1, waitingFor: 'a broker' },
      { Ready: 'False', Stalled: 'False' },
    ],
    [
      'what failed for a moment is not stalled',
      { next: 'failed', kind: 'transient', reason: 'Unreachable', message: '' },
      { Ready: 'False', Stalled: 'False' },
    ],
    [
      'what its user must change is stalled',
      { next: 'failed', kind: 'user', reason: 'NoSuchZone', message: '' },
      { Ready: 'False', Stalled: 'True' },
    ],
    [
      'a bug is stalled',
      { next: 'failed', kind: 'bug', reason: 'InternalError', message: '' },
      { Ready: 'False', Stalled: 'True' },
    ],
  ])('%s', (_, end, expected) => {
    expect(status(after([], end))).toEqual(expected)
  })

  it('names the generation, the reason and what is waited for', () => {
    expect(after([], { next: 'checkAgain', afterMs: 1, waitingFor: 'a broker' })[0]).toMatchObject({
      type: 'Ready',
      reason: 'startBrokers',
      message: 'Waiting for a broker.',
      observedGeneration: 3,
    })
  })
})

describe('a condition keeps the time since when it holds', () => {
  it('moves the time only with the status', () => {
    const failed = after([], { next: 'failed', kind: 'transient', reason: 'Unreachable', message: '' })
    const failedAgain = after(failed, { next: 'failed', kind: 'bug', reason: 'InternalError', message: '' }, late)
    expect(failedAgain.find(({ type }) => type === 'Ready')?.lastTransitionTime).toBe(early.toISOString())
    expect(failedAgain.find(({ type }) => type === 'Stalled')?.lastTransitionTime).toBe(late.toISOString())
  })
})

describe('a shutdown says nothing about a resource', () => {
  it('leaves its conditions as they were', () => {
    const settled = after([], { next: 'settled', driftCheckAfterMs: 1 })
    expect(after(settled, { next: 'interrupted' }, late)).toEqual(settled)
  })

  it('and for how long it has not been what was asked for', () => {
    const waiting = after([], { next: 'checkAgain', afterMs: 1, waitingFor: 'a broker' })
    const stillWaiting = after(waiting, { next: 'checkAgain', afterMs: 1, waitingFor: 'a broker' }, late)
    expect(notReadyForMs({ conditions: stillWaiting }, late)).toBe(late.getTime() - early.getTime())
    expect(notReadyForMs({ conditions: stillWaiting }, new Date(0))).toBe(0)
    const settled = after(stillWaiting, { next: 'settled', driftCheckAfterMs: 1 }, late)
    expect(notReadyForMs({ conditions: settled }, late)).toBe(0)
    expect(notReadyForMs({ conditions: [] }, late)).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { classify, retryAfterMs } from './failures.ts'
import { StepFailure, type FailureKind } from './reconciler.ts'

const coded = (code: string, message = 'secret-host refused') => Object.assign(new Error(message), { code })

describe('a failure is of the kind that decides when it is tried again', () => {
  it.each<[string, unknown, number, FailureKind]>([
    ['what a step classified itself', new StepFailure('user', 'NoSuchZone', 'There is no such zone.'), 50, 'user'],
    ['a database that went away', coded('57P01'), 0, 'transient'],
    ['a refused connection, however often', coded('ECONNREFUSED'), 50, 'transient'],
    [
      'a refused connection below a TypeError',
      new TypeError('fetch failed', { cause: coded('ECONNREFUSED') }),
      0,
      'transient',
    ],
    ['one of several refused connections', new AggregateError([coded('ECONNREFUSED')]), 50, 'transient'],
    ['a lock that others held', coded('55P03'), 50, 'transient'],
    ['a database whose disk is full, however often', coded('53100'), 50, 'dependency'],
    ['a disk of this machine that is full', coded('ENOSPC'), 50, 'dependency'],
    ['an error nobody knows, at first', new Error('what?'), 11, 'transient'],
    ['an error nobody knows, in the end', new Error('what?'), 12, 'bug'],
    ['a mistake in the program', new TypeError('undefined is not a function'), 0, 'bug'],
    ['something that is no error', 'a string', 0, 'transient'],
  ])('%s', (_, error, failuresBefore, kind) => {
    expect(classify(error, failuresBefore).kind).toBe(kind)
  })
})

describe('what was not written for tenants stays in the log', () => {
  it.each([coded('ECONNREFUSED'), new Error('secret-host'), new TypeError('secret-host')])('%s', (error) => {
    expect(JSON.stringify(classify(error, 0))).not.toContain('secret-host')
  })

  it('hands on what a step wrote for them', () => {
    expect(classify(new StepFailure('user', 'NoSuchZone', 'There is no such zone.'), 0)).toEqual({
      kind: 'user',
      reason: 'NoSuchZone',
      message: 'There is no such zone.',
    })
  })
})

describe('a failed step is tried again within bounds', () => {
  it('waits anything from nothing to a growing bound, at most five minutes', () => {
    expect([1, 2, 3, 20, 1000].map((failures) => retryAfterMs('transient', failures, 0))).toEqual([0, 0, 0, 0, 0])
    expect([1, 2, 3, 20, 1000].map((failures) => retryAfterMs('transient', failures, 1))).toEqual([
      400, 800, 1600, 300_000, 300_000,
    ])
  })

  it('gives a dependency at least five seconds, and never more than five minutes', () => {
    expect(retryAfterMs('dependency', 1, 0)).toBe(5000)
    expect(retryAfterMs('dependency', 1000, 1)).toBe(300_000)
  })

  it('tries once an hour what does not mend itself', () => {
    expect(retryAfterMs('bug', 1)).toBe(3_600_000)
    expect(retryAfterMs('user', 1)).toBe(3_600_000)
  })
})

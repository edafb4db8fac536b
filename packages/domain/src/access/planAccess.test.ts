import { describe, expect, it } from 'vitest'
import { planAccess, type AccessObservation } from './planAccess.ts'

const anHour = 3_600_000
const settled: AccessObservation = {
  deleted: false,
  provisioned: true,
  behind: false,
  republishRequested: false,
  compared: true,
  compareInMs: anHour,
  keyExpiresInMs: undefined,
}

describe('what happens next to the access of a cluster', () => {
  it.each<[string, Partial<AccessObservation>, ReturnType<typeof planAccess>['do']]>([
    ['nothing, when its brokers know everything', {}, 'settled'],
    ['what is newer is published', { behind: true }, 'publish'],
    ['a process that does not know the topic compares it first', { behind: true, compared: false }, 'compare'],
    ['nothing is read without need', { compared: false }, 'settled'],
    ['it is compared when it is time', { compareInMs: 0 }, 'compare'],
    ['comparing publishes what is newer too', { compareInMs: -1, behind: true }, 'compare'],
    ['it is republished on request', { republishRequested: true, behind: true, compareInMs: 0 }, 'republish'],
    ['expired keys end first', { keyExpiresInMs: 0, behind: true, republishRequested: true }, 'endExpiredKeys'],
    ['nothing before the cluster is there', { provisioned: false, behind: true, keyExpiresInMs: 0 }, 'awaitCluster'],
    ['it is forgotten with its cluster', { deleted: true, behind: true, republishRequested: true }, 'forget'],
  ])('%s', (_, observed, step) => {
    expect(planAccess({ ...settled, ...observed }).do).toBe(step)
  })

  it('says when it is time to compare, and when the next key expires', () => {
    expect(planAccess(settled)).toEqual({ do: 'settled', compareAfterMs: anHour, keyExpiresAfterMs: undefined })
    expect(planAccess({ ...settled, keyExpiresInMs: 5 })).toMatchObject({
      compareAfterMs: anHour,
      keyExpiresAfterMs: 5,
    })
  })
})

import { repeatable, seedOfRun } from '@tributary/testkit/seeded'
import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { expectLinearizable, TwoApis } from './linearizability.ts'

let apis: TwoApis
beforeAll(async () => {
  apis = await TwoApis.start(inject('postgresUrl'))
})
afterAll(() => apis[Symbol.asyncDispose]())

describe('one resource is linearizable: as if requests came one after another, each between its call and its answer', () => {
  // oxlint-disable-next-line expect-expect -- `expectLinearizable` does
  it.each([0, 1, 2, 3])(
    'for sixteen clients of two API processes, while backends, a process and what is in Redis go again and again (%i)',
    { timeout: 600_000 },
    (run) =>
      repeatable(seedOfRun() + 100 * run, async (random) => {
        expectLinearizable(await apis.history(random, { rounds: 5, calls: 6000 }))
      }),
  )
})

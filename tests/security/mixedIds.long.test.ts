import { seedOfRun } from '@tributary/testkit/seeded'
import { expect, inject, it } from 'vitest'
import { MixedOrganizations } from './tenants/mixedOrganizations.ts'

it('100,000 requests with the ids of two organizations mixed up disclose nothing', { timeout: 3_600_000 }, async () => {
  await using organizations = await MixedOrganizations.start(inject('postgresUrl'))
  const before = await organizations.theirRows()
  const seed = seedOfRun()
  const { statuses, compared, found } = await organizations.send(seed, 100_000)
  console.log(`SEED=${seed}`, { compared, statuses })
  expect(found, `SEED=${seed}`).toEqual([])
  expect(await organizations.theirRows()).toEqual(before)
})

import { seedOfRun } from '@tributary/testkit/seeded'
import { expect, inject, it } from 'vitest'
import { MixedOrganizations } from './tenants/mixedOrganizations.ts'

it('requests with the ids of two organizations mixed up disclose nothing', { timeout: 180_000 }, async () => {
  await using organizations = await MixedOrganizations.start(inject('postgresUrl'))
  const before = await organizations.theirRows()
  expect(organizations.markers.length).toBeGreaterThan(50)
  const seed = seedOfRun()
  const { statuses, compared, found } = await organizations.send(seed, 2000)
  expect(found, `SEED=${seed}`).toEqual([])
  expect(await organizations.theirRows()).toEqual(before)
  // It was no walk past closed doors only.
  expect(compared).toBeGreaterThan(900)
  expect([200, 401, 403, 404, 422].filter((status) => (statuses[status] ?? 0) < 20)).toEqual([])
})

import type { Caller } from '@tributary/control/caller'
import { createOrganization } from '@tributary/control/organizations/createOrganization'
import { createPrisma, Database, type Prisma } from '@tributary/database/database'
import { newId } from '@tributary/domain/ids'
import { Keyring } from '@tributary/kit/seal'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { leaseTtlMs, postgresStore } from './bothStores.ts'
import { limits, Sequence, stepMs } from './callSequence.ts'

let test: TestDatabase
let database: Database
let api: Database
let prisma: Prisma
let caller: Caller

beforeAll(async () => {
  test = await createTestDatabase(inject('postgresUrl'))
  database = new Database({ url: test.url, role: 'tributary_worker', maxConnections: 2 })
  api = new Database({ url: test.url, role: 'tributary_api', maxConnections: 2 })
  prisma = createPrisma({ url: test.url, role: 'tributary_worker', maxConnections: 2 })
  const administrator = { email: 'a@example.com', fullName: 'A', password: 'a long password' }
  const { organizationId, administratorId } = await createOrganization(prisma, new Keyring(Buffer.alloc(32, 1)), {
    displayName: 'o',
    administrator,
  })
  caller = {
    organizationId,
    principalId: administratorId,
    grants: [{ role: 'OrganizationAdmin', place: {} }],
    apiKey: undefined,
    operation: '',
    requestId: '',
    scope: api.within(organizationId),
  }
})
afterAll(async () => {
  await prisma.$disconnect()
  await api.close()
  await database.close()
  await test[Symbol.asyncDispose]()
})

const limit = (quota: string, scope: string, atMost: number) =>
  prisma.$executeRaw`
    INSERT INTO applied_service_quotas (organization_id, quota_id, scope_id, applied_limit)
    VALUES (${caller.organizationId}::uuid, ${quota}, ${scope}, ${atMost})`

describe('the model of Postgres answers as Postgres does', () => {
  it('to random sequences of what the engine and the API do', { timeout: 300_000 }, async () => {
    expect(leaseTtlMs % stepMs).toBe(30_000)
    for (let seed = 1; seed <= 50; seed++) {
      const environmentId = newId.environment()
      await test.query('INSERT INTO environments (id, organization_id, display_name) VALUES ($1, $2, $1)', [
        environmentId,
        caller.organizationId,
      ])
      await limit('kafka.max_kafka_clusters.per_env', environmentId, limits.clusters)
      const postgres = postgresStore({ database, prisma }, caller, environmentId)
      await new Sequence(seed, postgres, { test, prisma, limit }).run(40)
    }
  })
})

import { createPrisma, type Prisma } from '@tributary/database/database'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { queryBy } from '../access/query.ts'
import { correctCatalogue } from './correctCatalogue.ts'

let database: TestDatabase
let prisma: Prisma
const organizationId = '00000000-0000-4000-8000-000000000001'
const cluster = 'lkc-1'
const readAt = '2026-01-01 12:00:00+00'
const [before, after] = [new Date('2026-01-01T11:59:59Z'), new Date('2026-01-01T12:00:01Z')]

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
  prisma = createPrisma({ url: database.url, role: 'tributary_worker', maxConnections: 1 })
  await database.query(`
    INSERT INTO organizations (id, display_name, wrapped_data_key) VALUES ('${organizationId}', 'o', '');
    INSERT INTO environments (id, organization_id, display_name) VALUES ('env-1', '${organizationId}', 'e');
    INSERT INTO kafka_clusters (id, organization_id, environment_id, display_name, availability, cloud, region, type)
    VALUES ('${cluster}', '${organizationId}', 'env-1', 'c', 'SINGLE_ZONE', 'AWS', 'us-east-2', 'Basic'),
           ('lkc-gone', '${organizationId}', 'env-1', 'd', 'SINGLE_ZONE', 'AWS', 'us-east-2', 'Basic');
    UPDATE kafka_clusters SET deleted_at = now() WHERE id = 'lkc-gone'`)
})
afterAll(async () => {
  await prisma.$disconnect()
  await database[Symbol.asyncDispose]()
})
beforeEach(() => prisma.kafkaTopic.deleteMany())

const has = (name: string, partitionsCount: number, fields: { changedAt?: Date; reservedPartitions?: number } = {}) =>
  prisma.kafkaTopic.create({
    data: { clusterId: cluster, name, organizationId, partitionsCount, replicationFactor: 1, ...fields },
  })
const listed = (name: string, partitionsCount: number) => ({ name, partitionsCount, replicationFactor: 1 })
const correct = (topics: ReturnType<typeof listed>[], gone: string[] = [], id = cluster) =>
  correctCatalogue(queryBy(prisma), id, { topics, gone }, readAt)
const catalogue = async () =>
  (await prisma.kafkaTopic.findMany({ orderBy: { name: 'asc' } })).map(
    ({ name, partitionsCount, reservedPartitions }) => `${name} ${partitionsCount}+${reservedPartitions}`,
  )
const used = async () => (await prisma.appliedServiceQuota.findFirst({ where: { scopeId: cluster } }))?.used

describe('a listing corrects the catalogue', () => {
  it('in one statement, and what it brings counts', async () => {
    await has('deleted', 3)
    await has('grown', 1, { changedAt: before })
    await has('reserved', 0, { changedAt: before, reservedPartitions: 4 })
    expect(await used()).toBe(8)
    await correct([listed('grown', 2), listed('new', 5), listed('reserved', 4)], ['deleted'])
    expect(await catalogue()).toEqual(['grown 2+0', 'new 5+0', 'reserved 4+0'])
    expect(await used()).toBe(11)
  })

  it('past the quota', async () => {
    await correct([listed('many', 1_000_000)])
    expect(await used()).toBe(1_000_000)
  })

  it('but says nothing about what was changed after it began', async () => {
    await has('made', 3, { changedAt: after })
    await has('deleted', 0, { changedAt: after })
    await has('reserved', 0, { changedAt: after, reservedPartitions: 4 })
    const unchanged = await catalogue()
    await correct([listed('deleted', 3), listed('reserved', 1)], ['made'])
    expect(await catalogue()).toEqual(unchanged)
  })

  it('and nothing about a cluster that was deleted meanwhile', async () => {
    await correct([listed('late', 3)], [], 'lkc-gone')
    expect(await catalogue()).toEqual([])
  })
})

import { createPrisma, Database, type Prisma } from '@tributary/database/database'
import { exceededQuota } from '@tributary/database/databaseErrors'
import type { KafkaClusterId, OrganizationId } from '@tributary/domain/ids'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Caller } from '../caller.ts'
import { databaseTime } from './databaseTime.ts'
import { recordDeletedTopic } from './recordDeletedTopic.ts'
import { recordTopic } from './recordTopic.ts'
import { reservePartitions } from './reservePartitions.ts'

let test: TestDatabase
let api: Database
let prisma: Prisma
let caller: Caller
const organizationId = '00000000-0000-4000-8000-000000000001' as OrganizationId
const cluster = { id: 'lkc-1' as KafkaClusterId }
const name = 'orders'

beforeAll(async () => {
  test = await createTestDatabase(inject('postgresUrl'))
  api = new Database({ url: test.url, role: 'tributary_api', maxConnections: 1 })
  prisma = createPrisma({ url: test.url, role: 'tributary_worker', maxConnections: 1 })
  await test.query(`
    INSERT INTO organizations (id, display_name, wrapped_data_key) VALUES ('${organizationId}', 'o', '');
    INSERT INTO environments (id, organization_id, display_name) VALUES ('env-1', '${organizationId}', 'e');
    INSERT INTO kafka_clusters (id, organization_id, environment_id, display_name, availability, cloud, region, type)
    VALUES ('${cluster.id}', '${organizationId}', 'env-1', 'c', 'SINGLE_ZONE', 'AWS', 'us-east-2', 'Basic');
    INSERT INTO resources (kind, id, organization_id, next_check_at)
    VALUES ('kafka-topics', '${cluster.id}', '${organizationId}', now() + interval '4 hours');
    INSERT INTO applied_service_quotas (organization_id, quota_id, scope_id, applied_limit)
    VALUES ('${organizationId}', 'kafka.max_partitions.per_cluster', '${cluster.id}', 10)`)
  caller = {
    organizationId,
    principalId: 'u-1',
    grants: [],
    apiKey: undefined,
    operation: 'test',
    requestId: 'request',
    scope: api.within(organizationId),
  }
})
afterAll(async () => {
  await prisma.$disconnect()
  await api.close()
  await test[Symbol.asyncDispose]()
})
beforeEach(() => prisma.kafkaTopic.deleteMany())

const reserve = (partitionsCount: number, { isNew = true } = {}) =>
  reservePartitions(caller, cluster, { name, partitionsCount, isNew })
const record = (partitionsCount: number, reserved: number) =>
  recordTopic(caller, cluster, { name, partitionsCount, replicationFactor: 1 }, reserved)
const agedBy = (seconds: number) =>
  prisma.$executeRaw`UPDATE kafka_topics SET changed_at = changed_at - ${seconds}::integer * interval '1 second'`
const now = () => databaseTime((statement) => caller.scope.query(statement))
const known = async () => {
  const topic = await prisma.kafkaTopic.findFirstOrThrow()
  return `${topic.partitionsCount}+${topic.reservedPartitions}`
}

describe('no partitions of Kafka REST go uncounted', () => {
  it('where a topic is made anew before it is told that the old one was deleted', async () => {
    await record(3, await reserve(3))
    const begunAt = await now()
    await record(3, await reserve(3))
    await recordDeletedTopic(caller, cluster, name, begunAt)
    expect(await known()).toBe('3+0')
    await recordDeletedTopic(caller, cluster, name, await now())
    expect(await known()).toBe('0+0')
  })

  it('where the old one is deleted while the new one is made', async () => {
    await record(3, await reserve(3))
    const reserved = await reserve(4)
    await recordDeletedTopic(caller, cluster, name, await now())
    expect(await known()).toBe('0+4')
    await record(4, reserved)
    expect(await known()).toBe('4+0')
  })

  it('where the old one was made by a request that tells so last', async () => {
    const [first, second] = [await reserve(2), await reserve(5)]
    await record(5, second)
    await record(2, first)
    expect(await known()).toBe('5+0')
  })

  it('where a topic is there no more of which the catalogue still knows', async () => {
    await record(6, await reserve(6))
    expect(await reserve(4)).toBe(4)
    const error: unknown = await reserve(1).catch((error: unknown) => error)
    expect(exceededQuota(error)?.limit).toBe(10)
  })

  it('where a request begins that would outlive what an earlier one has reserved', async () => {
    await reserve(3)
    await agedBy(15)
    await reserve(2)
    expect(await known()).toBe('0+5')
    await agedBy(10)
    await expect(reserve(2)).rejects.toMatchObject({ status: 503 })
    await agedBy(40)
    await expect(reserve(2)).rejects.toMatchObject({ status: 503 })
    const due = await prisma.resource.count({ where: { kind: 'kafka-topics', nextCheckAt: { lte: new Date() } } })
    expect(due).toBe(1)
    expect(await known()).toBe('0+5')
  })

  it('and one that is given more partitions has only those to reserve', async () => {
    await record(6, await reserve(6))
    expect(await reserve(8, { isNew: false })).toBe(2)
  })
})

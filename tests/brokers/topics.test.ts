import { createPrisma, type Prisma } from '@tributary/database/database'
import { waitUntil } from '@tributary/kit/waitUntil'
import type { ApiAnswer, ApiClient } from '@tributary/testkit/apiClient'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation
let prisma: Prisma
let organization: Organization
let cluster: ProvisionedCluster
let admin: KafkaLogin & { rest: ApiClient }
let nobody: KafkaLogin & { rest: ApiClient }
let topics: string

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 1 })
  organization = await installation.createOrganization()
  cluster = await createCluster(organization)
  topics = `/kafka/v3/clusters/${cluster.id}/topics`
  const account = await organization.cloud.post('/iam/v2/service-accounts', { display_name: 'nobody' })
  admin = await createClusterKey(installation, organization, cluster)
  nobody = await createClusterKey(installation, organization, cluster, account.body.id)
  await limit(8)
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})
/** Every test begins without topics, and leaves nothing that counts. */
afterEach(async () => {
  for (const name of Object.keys(await found())) await admin.rest.delete(`${topics}/${name}`)
  const left = await used()
  if (left > 0) throw new Error(`${left} partitions are counted still`)
})

const quota = 'kafka.max_partitions.per_cluster'
const limit = async (applied_limit: number) => {
  const place = { kafka_cluster: cluster.id }
  const answer = await organization.cloud.patch(`/tributary/v1/service-quotas/${quota}`, { applied_limit, ...place })
  expect(answer.status).toBe(200)
}
const used = async (): Promise<number> =>
  (await organization.cloud.get(`/service-quota/v1/applied-quotas/${quota}?kafka_cluster=${cluster.id}`)).body.usage

/** Names, and how many partitions they have. */
const inKafka = async () => counts(await admin.rest.get(topics))
const found = async () => counts(await organization.cloud.get('/tributary/v1/topics?page_size=100'))
const counts = ({ body }: ApiAnswer): Record<string, number> =>
  Object.fromEntries(
    body.data.map(({ topic_name, partitions_count }: { topic_name: string; partitions_count: number }) => [
      topic_name,
      partitions_count,
    ]),
  )
const create = (topic_name: string, partitions_count: number, client = admin.rest) =>
  client.post(topics, { topic_name, partitions_count })
const refusal = (code: number) => ({ body: { error_code: code, message: expect.any(String) } })

const at = (name: string) => ({ clusterId_name: { clusterId: cluster.id, name } })
const longAgo = () => new Date(Date.now() - 120_000)
/** As when the time of the next check has come. */
const check = async () => {
  const part = { kind: 'kafka-topics', id: cluster.id }
  await prisma.resource.update({ where: { kind_id: part }, data: { nextCheckAt: new Date(0) } })
  await prisma.outboxEntry.create({ data: { kind: part.kind, resourceId: part.id } })
}
const sorted = (topicCounts: Record<string, number>) =>
  Object.entries(topicCounts)
    .map(([name, count]) => `${name} ${count}`)
    .toSorted()
    .join()
const becomes = async (expected: Record<string, number>) => {
  await check()
  await waitUntil(async () => sorted(await found()) === sorted(expected), {
    timeoutMs: 10_000,
    everyMs: 50,
    what: `the catalogue to hold ${JSON.stringify(expected)}`,
  })
}

const topicCommand = async (...args: string[]) => {
  const { code, stderr } = await runKafkaTool(admin, 'TopicCommand', args)
  if (code !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`)
}

describe('what a Kafka client does to topics is known', () => {
  it('what it made is found and counts, past the quota if need be; what it deleted is not', async () => {
    await topicCommand('--create', '--topic', 'of-a-client', '--partitions', '9')
    await becomes({ 'of-a-client': 9 })
    expect(await used()).toBe(9)
    expect(await create('one-more', 1)).toMatchObject({ status: 402, ...refusal(402) })
    await topicCommand('--delete', '--topic', 'of-a-client')
    await becomes({})
    expect(await used()).toBe(0)
    expect((await create('one-more', 1)).status).toBe(201)
    expect(await found()).toEqual({ 'one-more': 1 })
  })
})

const statuses = (answers: readonly ApiAnswer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b)

describe('however many make topics at once, there are no more partitions than the quota allows', () => {
  it('neither of new ones nor of those that grow', async () => {
    const made = await Promise.all(Array.from({ length: 9 }, (_, index) => create(`t${index}`, 2)))
    expect(statuses(made)).toEqual([...Array(4).fill(201), ...Array(5).fill(402)])
    expect(await used()).toBe(8)
    const names = Object.keys(await inKafka())
    expect(names).toHaveLength(4)
    await limit(10)
    const grown = await Promise.all(names.map((name) => admin.rest.patch(`${topics}/${name}`, { partitions_count: 3 })))
    expect(statuses(grown)).toEqual([200, 200, 402, 402])
    expect(Object.values(await inKafka()).reduce((sum, count) => sum + count)).toBe(10)
    expect(await found()).toEqual(await inKafka())
    expect(await used()).toBe(10)
    await limit(8)
  })

  it('and of several of one name the reservation of the one that is made stays', async () => {
    const made = await Promise.all(Array.from({ length: 3 }, () => create('contended', 2)))
    expect(statuses(made)).toEqual([201, 400, 400])
    expect(await used()).toBe(2)
  })

  it('and where there is no room Kafka still has the first word', async () => {
    expect((await create('full', 8)).status).toBe(201)
    expect(await create('full', 9)).toMatchObject(refusal(40002))
    expect(await create('another', 1)).toMatchObject(refusal(402))
    expect(await create('another', 1, nobody.rest)).toMatchObject(refusal(40301))
    expect(await admin.rest.patch(`${topics}/another`, { partitions_count: 2 })).toMatchObject(refusal(40403))
    const draft = { topic_name: 'another', partitions_count: 1, validate_only: true }
    expect((await admin.rest.post(topics, draft)).status).toBe(200)
    expect(await used()).toBe(8)
  })
})

describe('a reservation does not outlive what it was for', () => {
  it('where Kafka refuses', async () => {
    await create('taken', 2)
    await prisma.kafkaTopic.delete({ where: at('taken') })
    expect(await used()).toBe(0)
    expect(await create('taken', 3)).toMatchObject({ status: 400, ...refusal(40002) })
    expect(await create('forbidden', 3, nobody.rest)).toMatchObject({ status: 403, ...refusal(40301) })
    expect(await admin.rest.patch(`${topics}/taken`, { partitions_count: 2 })).toMatchObject({ status: 400 })
    expect(await admin.rest.patch(`${topics}/missing`, { partitions_count: 2 })).toMatchObject({ status: 404 })
    expect(await used()).toBe(0)
    expect((await admin.rest.delete(`${topics}/taken`)).status).toBe(204)
  })

  it('where the request died, whether Kafka had made the topic or not', async () => {
    await create('made', 2)
    const reserved = { partitionsCount: 0, replicationFactor: 0, reservedPartitions: 2, changedAt: longAgo() }
    await prisma.kafkaTopic.update({ where: at('made'), data: reserved })
    const { organizationId } = organization
    await prisma.kafkaTopic.create({ data: { clusterId: cluster.id, name: 'never', organizationId, ...reserved } })
    const young = { ...reserved, changedAt: new Date(Date.now() - 30_000) }
    await prisma.kafkaTopic.create({ data: { clusterId: cluster.id, name: 'young', organizationId, ...young } })
    expect(await used()).toBe(6)
    await becomes({ made: 2 })
    expect(await used()).toBe(4)
    await prisma.kafkaTopic.delete({ where: at('young') })
  })

  it('where the broker chose how many there are', async () => {
    expect((await admin.rest.post(topics, { topic_name: 'by-default' })).status).toBe(201)
    expect(await found()).toEqual(await inKafka())
    expect(await used()).toBe((await inKafka())['by-default'])
  })
})

describe('what is done to topics through Kafka REST', () => {
  it('is in the audit log', async () => {
    await create('audited', 1)
    await admin.rest.patch(`${topics}/audited`, { partitions_count: 2 })
    await admin.rest.delete(`${topics}/audited`)
    const resourceId = `${cluster.id}/topic=audited`
    const events = await prisma.auditEvent.findMany({ where: { resourceId }, orderBy: { sequence: 'asc' } })
    expect(events.map(({ operation, principal }) => [operation, principal])).toEqual(
      ['createKafkaTopic', 'updatePartitionCountKafkaTopic', 'deleteKafkaTopic'].map((operation) => [
        operation,
        organization.administratorId,
      ]),
    )
  })
})

describe('the catalogue of a cluster', () => {
  it('ends with it', async () => {
    expect((await create('last', 1)).status).toBe(201)
    expect((await organization.cloud.delete(cluster.path)).status).toBe(204)
    expect(await found()).toEqual({})
    const where = { kind: 'kafka-topics', id: cluster.id }
    const forgotten = async () => (await prisma.resource.count({ where })) === 0
    await waitUntil(forgotten, { timeoutMs: 10_000, what: 'nothing to be left to follow' })
    expect(await prisma.kafkaTopic.count()).toBe(0)
  })
})

import { FoundTopicList } from '@tributary/contract/tributary/topics'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { ApiClient, type ApiAnswer } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, everyPage, refusal } from './answers.ts'

let installation: TestInstallation
let prisma: Prisma
let ours: Organization
let theirs: Organization
/** Ours: two in one environment, one in another. */
let orders: string
let billing: string
let staging: string
let stagingEnvironment: string

const topics = '/tributary/v1/topics'
const longest = `long.${'x'.repeat(244)}`

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 1 })
  ;[ours, theirs] = await Promise.all([installation.createOrganization(), installation.createOrganization()])
  ;[stagingEnvironment = ''] = await created(201, [
    ours.cloud.post('/org/v2/environments', { display_name: 'staging' }),
  ])
  orders = await cluster(ours, ours.environmentId, 'orders')
  billing = await cluster(ours, ours.environmentId, 'billing')
  staging = await cluster(ours, stagingEnvironment, 'staging')
  const foreign = await cluster(theirs, theirs.environmentId, 'theirs')
  await known(ours, orders, ['orders.created', 'orders.paid', 'Orders_Audit', longest])
  await known(ours, billing, ['orders.created', 'invoices'])
  await known(ours, staging, ['orders.created'])
  await known(theirs, foreign, ['orders.created', 'secret'])
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})

const cluster = async ({ cloud }: Organization, environmentId: string, display_name: string) =>
  (await created(202, [cloud.post('/cmk/v2/clusters', clusterSpec(environmentId, { display_name }))]))[0] ?? ''

/** As a worker that listed them. */
const known = ({ organizationId }: Organization, clusterId: string, names: readonly string[]) =>
  prisma.kafkaTopic.createMany({
    data: names.map((name) => ({ clusterId, name, organizationId, partitionsCount: 6, replicationFactor: 3 })),
  })

const found = (...pages: ApiAnswer[]): string[] =>
  pages.flatMap(({ body }) =>
    FoundTopicList.strict()
      .parse(body)
      .data.map(({ kafka_cluster, topic_name }) => `${kafka_cluster.id} ${topic_name}`),
  )
const search = async (client: ApiClient, query = '') => found(await client.get(`${topics}?page_size=100&${query}`))
const inOrder = (...entries: [clusterId: string, ...names: string[]][]) =>
  entries.flatMap(([id, ...names]) => names.map((name) => `${id} ${name}`)).toSorted()

describe('the topics of an organization are found wherever they are', () => {
  it('by a part of the name, whether in capitals or not', async () => {
    const all = inOrder(
      [orders, 'orders.created', 'orders.paid', 'Orders_Audit'],
      [billing, 'orders.created'],
      [staging, 'orders.created'],
    )
    expect(await search(ours.cloud, 'search=orders')).toEqual(all)
    expect(await search(ours.cloud, 'search=ORDERS')).toEqual(all)
    expect(await search(ours.cloud, 'search=s_audit')).toEqual(inOrder([orders, 'Orders_Audit']))
    expect(await search(ours.cloud, 'search=%25')).toEqual([])
    expect(await search(ours.cloud, 'search=secret')).toEqual([])
  })

  it('in one cluster, in one environment, or in all', async () => {
    const name = 'orders.created'
    expect(await search(ours.cloud, `search=${name}&kafka_cluster=${billing}`)).toEqual(inOrder([billing, name]))
    expect(await search(ours.cloud, `environment=${stagingEnvironment}`)).toEqual(inOrder([staging, name]))
    expect(await search(ours.cloud, `environment=${stagingEnvironment}&kafka_cluster=${orders}`)).toEqual([])
    expect(await search(ours.cloud)).toHaveLength(7)
    expect(refusal(await ours.cloud.get(`${topics}?kafka_cluster=orders`))).toEqual([400, 'kafka_cluster'])
  })

  it('page by page, the longest name too', async () => {
    const pages = await everyPage(ours.cloud, `${topics}?page_size=1`)
    expect(pages).toHaveLength(7)
    expect(found(...pages)).toEqual(await search(ours.cloud))
    const ordered = await everyPage(ours.cloud, `${topics}?page_size=2&search=orders&kafka_cluster=${orders}`)
    expect(found(...ordered)).toEqual(inOrder([orders, 'orders.created', 'orders.paid', 'Orders_Audit']))
    expect(refusal(await ours.cloud.get(`${topics}?page_token=x`))).toEqual([400, 'page_token'])
  })

  it('with what is known of them', async () => {
    const answer = await ours.cloud.get(`${topics}?search=invoices`)
    const { organizationId, environmentId } = ours
    const environment = `crn://confluent.cloud/organization=${organizationId}/environment=${environmentId}`
    expect(answer.body).toEqual({
      api_version: 'tributary/v1',
      kind: 'TopicList',
      metadata: { first: `${installation.endpoint}${topics}?page_size=10&search=invoices` },
      data: [
        {
          topic_name: 'invoices',
          partitions_count: 6,
          replication_factor: 3,
          kafka_cluster: {
            id: billing,
            environment: environmentId,
            related: `${installation.endpoint}/cmk/v2/clusters/${billing}?environment=${environmentId}`,
            resource_name: `${environment}/cloud-cluster=${billing}/kafka=${billing}`,
          },
          environment: {
            id: environmentId,
            related: `${installation.endpoint}/org/v2/environments/${environmentId}`,
            resource_name: environment,
          },
        },
      ],
    })
  })

  it('but not what is only reserved, nor what is deleted', async () => {
    const row = { clusterId: staging, organizationId: ours.organizationId, partitionsCount: 0, replicationFactor: 0 }
    await prisma.kafkaTopic.createMany({
      data: [
        { ...row, name: 'to-come', reservedPartitions: 6 },
        { ...row, name: 'gone', changedAt: new Date() },
      ],
    })
    expect(await search(ours.cloud, `kafka_cluster=${staging}`)).toEqual(inOrder([staging, 'orders.created']))
  })
})

/** A service account with these roles, and a Cloud API key. */
async function holderOf(...bindings: [role: string, place: string][]): Promise<ApiClient> {
  const account = await ours.cloud.post('/iam/v2/service-accounts', { display_name: `holder ${holders++}` })
  for (const [role_name, place] of bindings) {
    const crn_pattern = `crn://confluent.cloud/organization=${ours.organizationId}${place}`
    const bound = await ours.cloud.post('/iam/v2/role-bindings', {
      principal: `User:${account.body.id}`,
      role_name,
      crn_pattern,
    })
    if (bound.status !== 201) throw new Error(`${role_name} was not bound: ${bound.text}`)
  }
  const key = await ours.cloud.post('/iam/v2/api-keys', { spec: { owner: { id: account.body.id } } })
  return ApiClient.withKey(installation.endpoint, { id: key.body.id, secret: key.body.spec.secret })
}
let holders = 0

const environmentOf = (id: string) => `/environment=${id}`
const clusterAt = (id: string) => `${environmentOf(ours.environmentId)}/cloud-cluster=${id}`
const resourceAt = (id: string, resource: string) => `${clusterAt(id)}/kafka=${id}/${resource}`

describe('nobody finds a topic that they may not describe', () => {
  it.each<[string, () => [string, string][], () => string[]]>([
    ['no role', () => [], () => []],
    ['Operator', () => [['Operator', '']], () => everything()],
    [
      'EnvironmentAdmin',
      () => [['EnvironmentAdmin', environmentOf(stagingEnvironment)]],
      () => inOrder([staging, 'orders.created']),
    ],
    [
      'CloudClusterAdmin',
      () => [['CloudClusterAdmin', clusterAt(billing)]],
      () => inOrder([billing, 'invoices', 'orders.created']),
    ],
    ['MetricsViewer', () => [['MetricsViewer', '']], () => []],
    [
      'DeveloperRead on a prefix',
      () => [['DeveloperRead', resourceAt(orders, 'topic=orders.*')]],
      () => inOrder([orders, 'orders.created', 'orders.paid']),
    ],
    [
      'DeveloperWrite on a name',
      () => [['DeveloperWrite', resourceAt(billing, 'topic=orders.created')]],
      () => inOrder([billing, 'orders.created']),
    ],
    [
      'DeveloperManage on all',
      () => [['DeveloperManage', resourceAt(billing, 'topic=*')]],
      () => inOrder([billing, 'invoices', 'orders.created']),
    ],
    ['ResourceOwner on groups', () => [['ResourceOwner', resourceAt(orders, 'group=*')]], () => []],
    [
      'several',
      () => [
        ['CloudClusterAdmin', clusterAt(billing)],
        ['ResourceOwner', resourceAt(orders, 'topic=orders.paid')],
      ],
      () => inOrder([billing, 'invoices', 'orders.created'], [orders, 'orders.paid']),
    ],
  ])('%s', async (_, bindings, expected) => {
    expect(await search(await holderOf(...bindings()))).toEqual(expected())
  })

  it('nor one of another organization, or of a cluster that was deleted', async () => {
    expect(await search(theirs.cloud, `kafka_cluster=${orders}`)).toEqual([])
    expect(await search(theirs.cloud, `environment=${ours.environmentId}`)).toEqual([])
    expect((await search(theirs.cloud)).map((each) => each.split(' ')[1])).toEqual(['orders.created', 'secret'])
    const path = `/cmk/v2/clusters/${staging}?environment=${stagingEnvironment}`
    expect((await ours.cloud.delete(path)).status).toBe(204)
    expect(await search(ours.cloud, `environment=${stagingEnvironment}`)).toEqual([])
    expect(await prisma.kafkaTopic.count({ where: { clusterId: staging } })).toBe(0)
  })
})

const everything = () =>
  inOrder(
    [orders, 'orders.created', 'orders.paid', 'Orders_Audit', longest],
    [billing, 'orders.created', 'invoices'],
    [staging, 'orders.created'],
  )

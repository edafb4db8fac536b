import { randomUUID } from 'node:crypto'
import { ServiceAccount, ServiceAccountList } from '@tributary/contract/cloud/iam'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, everyPage, idsIn, refusal, statuses } from './answers.ts'
import { meetAt } from './turns.ts'

let installation: TestInstallation
let prisma: Prisma
let organization: Organization
let cloud: ApiClient

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 2 })
  organization = await installation.createOrganization()
  cloud = organization.cloud
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})

const serviceAccounts = '/iam/v2/service-accounts'
const unique = () => randomUUID()

describe('a service account lives from its creation to its deletion', () => {
  it('is created, read, changed and deleted, and is then gone', async () => {
    const answer = await cloud.post(serviceAccounts, { display_name: 'orders', description: 'reads orders' })
    expect(answer.status).toBe(201)
    const account = ServiceAccount.strict().parse(answer.body)
    expect(account.id).toMatch(/^sa-[a-z0-9]{7}$/)
    expect(account).toMatchObject({ display_name: 'orders', description: 'reads orders' })
    const path = `${serviceAccounts}/${account.id}`
    const { organizationId } = organization
    expect(account.metadata).toMatchObject({
      self: `${installation.endpoint}${path}`,
      resource_name: `crn://confluent.cloud/organization=${organizationId}/service-account=${account.id}`,
    })
    expect((await cloud.get(path)).body).toEqual(account)

    const described = await cloud.patch(path, { description: '' })
    expect(described.body).toMatchObject({ display_name: 'orders', description: '' })
    const renamed = await cloud.patch(path, { display_name: 'payments' })
    expect(renamed.body).toMatchObject({ display_name: 'payments', description: '' })
    expect((await cloud.get(path)).body).toEqual(renamed.body)

    expect((await cloud.delete(path)).status).toBe(204)
    expect(refusal(await cloud.get(path))).toEqual([404])
    expect(refusal(await cloud.patch(path, { description: 'x' }))).toEqual([404])
    expect(refusal(await cloud.delete(path))).toEqual([404])
  })

  it.each([
    [{}, '/display_name'],
    [{ display_name: 'x'.repeat(65) }, '/display_name'],
    [{ display_name: null }, '/display_name'],
    [{ display_name: 'x', description: 'x'.repeat(129) }, '/description'],
    [{ display_name: 'x', description: 3 }, '/description'],
  ])('is not made from %j', async (body, pointer) => {
    expect(refusal(await cloud.post(serviceAccounts, body))).toEqual([422, pointer])
  })

  it('is not given an owner, which could not be kept to', async () => {
    const answer = await cloud.post(`${serviceAccounts}?assigned_resource_owner=u-1`, { display_name: unique() })
    expect(refusal(answer)).toEqual([400, 'assigned_resource_owner'])
  })
})

describe('no two service accounts of an organization have the same name', () => {
  it('refuses to create or rename one to a name that is taken', async () => {
    const [, other] = await created(
      201,
      ['taken', 'free'].map((display_name) => cloud.post(serviceAccounts, { display_name })),
    )
    expect(refusal(await cloud.post(serviceAccounts, { display_name: 'taken' }))).toEqual([409, '/display_name'])
    expect(refusal(await cloud.patch(`${serviceAccounts}/${other}`, { display_name: 'taken' }))).toEqual([
      409,
      '/display_name',
    ])
  })

  it('makes exactly one when many ask for the same name at once', async () => {
    const asked = Array.from({ length: 10 }, () => cloud.post(serviceAccounts, { display_name: 'contested' }))
    expect(await statuses(asked)).toEqual([201, ...Array.from({ length: 9 }, () => 409)])
  })
})

describe('the list of service accounts shows what was asked for', () => {
  let own: Organization
  let ids: Record<string, string>

  beforeAll(async () => {
    own = await installation.createOrganization()
    const names = ['a', 'b', 'c', 'd & e=f', 'ü']
    const made = await created(
      201,
      names.map((display_name) => own.cloud.post(serviceAccounts, { display_name })),
    )
    ids = Object.fromEntries(names.map((name, index) => [name, made[index] ?? '']))
  })

  const list = async (query: string) =>
    idsIn(...(await everyPage(own.cloud, `${serviceAccounts}?page_size=1&${query}`)))
  const of = (...names: string[]) => names.map((name) => ids[name] ?? '').toSorted()

  it('joins its pages to the whole', async () => {
    const pages = await everyPage(own.cloud, `${serviceAccounts}?page_size=2`)
    expect(pages).toHaveLength(3)
    for (const { body } of pages) ServiceAccountList.strict().parse(body)
    expect(idsIn(...pages)).toEqual(of(...Object.keys(ids)))
  })

  it('filters by one name or several, exactly, and keeps the filter from page to page', async () => {
    expect(await list('display_name=a')).toEqual(of('a'))
    expect(await list('display_name=a&display_name=c&display_name=none')).toEqual(of('a', 'c'))
    expect(await list('display_name=d%20%26%20e%3Df&display_name=%C3%BC')).toEqual(of('d & e=f', 'ü'))
    expect(await list('display_name=A')).toEqual([])
    expect(await list('display_name=')).toEqual(of(...Object.keys(ids)))
    expect(await list('display_name=&display_name=b')).toEqual(of('b'))
  })

  it('refuses a name that is none', async () => {
    expect(refusal(await own.cloud.get(`${serviceAccounts}?display_name=%00`))).toEqual([400, 'display_name'])
  })
})

describe('with a service account its access ends', () => {
  it('takes away its keys, of the cloud and of clusters', async () => {
    const [id = ''] = await created(201, [cloud.post(serviceAccounts, { display_name: unique() })])
    const [clusterId = ''] = await created(202, [
      cloud.post('/cmk/v2/clusters', clusterSpec(organization.environmentId, { display_name: unique() })),
    ])
    const cloudKey = await cloud.post('/iam/v2/api-keys', { spec: { owner: { id } } })
    const clusterKey = await cloud.post('/iam/v2/api-keys', { spec: { owner: { id }, resource: { id: clusterId } } })
    const own = ApiClient.withKey(installation.endpoint, { id: cloudKey.body.id, secret: cloudKey.body.spec.secret })
    expect((await own.get(`${serviceAccounts}/${id}`)).status).toBe(200)

    const revision = async () => (await prisma.apiKey.findUniqueOrThrow({ where: { id: clusterKey.body.id } })).revision
    const revisionBefore = await revision()
    expect((await cloud.delete(`${serviceAccounts}/${id}`)).status).toBe(204)
    const access = await prisma.resource.findFirstOrThrow({ where: { kind: 'kafka-access', id: clusterId } })
    expect(access.generation).toBe(3n)
    expect(await revision()).toBeGreaterThan(revisionBefore)
    expect(refusal(await own.get(`${serviceAccounts}/${id}`))).toEqual([401])
    for (const key of [cloudKey, clusterKey])
      expect(refusal(await cloud.get(`/iam/v2/api-keys/${key.body.id}`))).toEqual([404])
    expect((await cloud.get(`/iam/v2/api-keys?spec.owner=${id}`)).body.data).toEqual([])
    expect(refusal(await cloud.post('/iam/v2/api-keys', { spec: { owner: { id } } }))).toEqual([422, '/spec/owner/id'])
  })

  it('leaves no key behind that was made at the same moment', async () => {
    const [clusterId] = await created(202, [
      cloud.post('/cmk/v2/clusters', clusterSpec(organization.environmentId, { display_name: unique() })),
    ])
    const races = Array.from({ length: 10 }, async () => {
      const [id = ''] = await created(201, [cloud.post(serviceAccounts, { display_name: unique() })])
      const owner = { id }
      const [deletion, ...keys] = await Promise.all([
        cloud.delete(`${serviceAccounts}/${id}`),
        cloud.post('/iam/v2/api-keys', { spec: { owner } }),
        cloud.post('/iam/v2/api-keys', { spec: { owner, resource: { id: clusterId } } }),
      ])
      expect(deletion.status).toBe(204)
      for (const { status } of keys) expect([202, 422]).toContain(status)
      expect((await cloud.get(`/iam/v2/api-keys?spec.owner=${id}`)).body.data).toEqual([])
    })
    await Promise.all(races)
  })

  it('waits for whoever ends the same keys, and never for each other', async () => {
    const [clusterId = ''] = await created(202, [
      cloud.post('/cmk/v2/clusters', clusterSpec(organization.environmentId, { display_name: unique() })),
    ])
    const access = (transaction: Pick<Prisma, '$executeRaw'>) =>
      transaction.$executeRaw`SELECT 1 FROM resources WHERE kind = 'kafka-access' AND id = ${clusterId} FOR UPDATE`
    const ownerWithKey = async () => {
      const [id = ''] = await created(201, [cloud.post(serviceAccounts, { display_name: unique() })])
      const spec = { owner: { id }, resource: { id: clusterId } }
      const [key = ''] = await created(202, [cloud.post('/iam/v2/api-keys', { spec })])
      return { owner: `${serviceAccounts}/${id}`, key: `/iam/v2/api-keys/${key}` }
    }
    const first = await ownerWithKey()
    const atOwner = [() => cloud.delete(first.owner), () => cloud.delete(first.key)]
    expect((await meetAt(prisma, access, atOwner)).map(({ status }) => status)).toEqual([204, 404])

    const second = await ownerWithKey()
    const cluster = `/cmk/v2/clusters/${clusterId}?environment=${organization.environmentId}`
    const atCluster = [cluster, second.key, second.owner].map((path) => () => cloud.delete(path))
    expect((await meetAt(prisma, access, atCluster)).map(({ status }) => status)).toEqual([204, 404, 204])
  })
})

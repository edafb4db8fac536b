import { ClientQuota, ClientQuotaList } from '@tributary/contract/cloud/kafkaQuotas'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, everyPage, idsIn, refusal, statuses } from './answers.ts'

let installation: TestInstallation
let prisma: Prisma
let organization: Organization
let cloud: ApiClient
let clusterId: string
let accounts: string[]

const quotas = '/kafka-quotas/v1/client-quotas'
const throughput = { ingress_byte_rate: '1048576', egress_byte_rate: '9223372036854775807' }

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

/** A cluster of its own with service accounts of its own. */
const furnish = async (name: string) => {
  clusterId = (await created(202, [cloud.post('/cmk/v2/clusters', inEnvironment(name))]))[0] ?? ''
  accounts = await created(
    201,
    ['a', 'b', 'c'].map((each) => cloud.post('/iam/v2/service-accounts', { display_name: `${name} ${each}` })),
  )
}
const inEnvironment = (display_name: string) => clusterSpec(organization.environmentId, { display_name })
const listOf = (environment = organization.environmentId) =>
  `${quotas}?spec.cluster=${clusterId}&environment=${environment}`

const spec = (principals: readonly (string | undefined)[], fields: object = {}) => ({
  spec: {
    display_name: 'a quota',
    throughput,
    cluster: { id: clusterId },
    principals: principals.map((id) => ({ id })),
    environment: { id: organization.environmentId },
    ...fields,
  },
})
const make = async (...principals: (string | undefined)[]) =>
  (await created(202, [cloud.post(quotas, spec(principals))]))[0] ?? ''
const principalsOf = async (id: string): Promise<string[]> =>
  (await cloud.get(`${quotas}/${id}`)).body.spec.principals.map((principal: { id: string }) => principal.id)
const generation = async () =>
  (await prisma.resource.findUniqueOrThrow({ where: { kind_id: { kind: 'kafka-configuration', id: clusterId } } }))
    .generation
const rung = () => prisma.outboxEntry.count({ where: { kind: 'kafka-configuration', resourceId: clusterId } })

describe('a client quota lives from its creation to its deletion', () => {
  beforeAll(() => furnish('life'))

  it('is made once under an Idempotency-Key', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() }
    const sent = spec([accounts[2]])
    const [first, again] = [await cloud.post(quotas, sent, key), await cloud.post(quotas, sent, key)]
    expect([first.status, again.status]).toEqual([202, 202])
    expect(again.body).toEqual(first.body)
    expect((await cloud.delete(`${quotas}/${first.body.id}`)).status).toBe(204)
  })

  it('gives back all that was sent, and the workers learn of each change', async () => {
    const [before, rungBefore] = [await generation(), await rung()]
    const sent = spec([accounts[1], '<default>', accounts[0]], { description: 'for batch jobs' })
    const answer = await cloud.post(quotas, sent)
    expect(answer.status).toBe(202)
    const quota = ClientQuota.strict().parse(answer.body)
    expect(quota.id).toMatch(/^cq-[a-z0-9]{7}$/)
    expect(quota).toMatchObject(sent)
    const { organizationId, environmentId } = organization
    const crn = `crn://confluent.cloud/organization=${organizationId}`
    expect(quota.metadata.resource_name).toBe(`${crn}/client-quota=${quota.id}`)
    expect(quota.spec.cluster).toEqual({
      id: clusterId,
      environment: environmentId,
      related: `${installation.endpoint}/cmk/v2/clusters/${clusterId}?environment=${environmentId}`,
      resource_name: `${crn}/environment=${environmentId}/cloud-cluster=${clusterId}/kafka=${clusterId}`,
    })
    const path = `${quotas}/${quota.id}`
    expect((await cloud.get(path)).body).toEqual(quota)
    expect(await generation()).toBe(before + 1n)

    const changes = { throughput: { ingress_byte_rate: '5', egress_byte_rate: '6' }, display_name: 'renamed' }
    const environment = { id: environmentId }
    const changed = await cloud.patch(path, { spec: { ...changes, environment } })
    expect(changed.status).toBe(200)
    expect(changed.body.spec).toEqual({ ...quota.spec, ...changes })
    const fewer = await cloud.patch(path, {
      spec: { principals: [{ id: accounts[2] }, { id: accounts[0] }], environment },
    })
    expect((await cloud.get(path)).body).toEqual(fewer.body)
    expect(await principalsOf(quota.id)).toEqual([accounts[2], accounts[0]])
    expect(await generation()).toBe(before + 3n)

    expect((await cloud.delete(path)).status).toBe(204)
    expect(await generation()).toBe(before + 4n)
    expect(await rung()).toBe(rungBefore + 4)
    expect(refusal(await cloud.get(path))).toEqual([404])
    expect(refusal(await cloud.patch(path, { spec: {} }))).toEqual([404])
    expect(refusal(await cloud.delete(path))).toEqual([404])
    expect((await cloud.get(listOf())).body.data).toEqual([])
  })

  it.each<[object, string]>([
    [{ throughput: undefined }, '/spec/throughput'],
    [{ throughput: { ingress_byte_rate: '1' } }, '/spec/throughput/egress_byte_rate'],
    ...['0', '-1', '1.5', '', '1e3', '01', '9223372036854775808', 7].map((rate): [object, string] => [
      { throughput: { ...throughput, ingress_byte_rate: rate } },
      '/spec/throughput/ingress_byte_rate',
    ]),
    [{ principals: [] }, '/spec/principals'],
    [{ principals: [{ id: '<default>' }, { id: '<default>' }] }, '/spec/principals'],
    [{ principals: [{ id: '<default>' }, { id: 'sa-0000000' }] }, '/spec/principals/1/id'],
    [{ principals: [{ id: 'u-0000000' }] }, '/spec/principals/0/id'],
    [{ cluster: { id: 'lkc-0000000' } }, '/spec/cluster/id'],
    [{ environment: { id: 'env-0000000' } }, '/spec/cluster/id'],
    [{ display_name: '' }, '/spec/display_name'],
  ])('is not made with %j', async (fields, pointer) => {
    const answer = await cloud.post(quotas, spec(['<default>'], fields))
    expect(refusal(answer)).toEqual([422, pointer])
    expect((await cloud.get(listOf())).body.data).toEqual([])
  })

  it('says which service account there is not, and stays in its environment', async () => {
    const answer = await cloud.post(quotas, spec(['sa-0000000']))
    expect(answer.body.errors[0].detail).toContain('sa-0000000')
    const path = `${quotas}/${await make(accounts[0])}`
    const moved = await cloud.patch(path, { spec: { environment: { id: 'env-0000000' } } })
    expect(refusal(moved)).toEqual([422, '/spec/environment/id'])
    const stranger = await cloud.patch(path, { spec: { principals: [{ id: 'sa-0000000' }] } })
    expect(refusal(stranger)).toEqual([422, '/spec/principals/0/id'])
  })
})

describe('a principal has one quota in a cluster', () => {
  beforeAll(() => furnish('one'))

  it('is refused a second, and told which it has', async () => {
    const first = await make(accounts[0], '<default>')
    const second = await cloud.post(quotas, spec([accounts[1], '<default>']))
    expect(refusal(second)).toEqual([409, '/spec/principals/1/id'])
    expect(second.body.errors[0].detail).toMatch(new RegExp(`<default>.*${first}`))
    const other = await make(accounts[1])
    const patched = await cloud.patch(`${quotas}/${other}`, { spec: { principals: [{ id: accounts[0] }] } })
    expect(refusal(patched)).toEqual([409, '/spec/principals/0/id'])
    expect(await principalsOf(other)).toEqual([accounts[1]])
    expect((await cloud.delete(`${quotas}/${first}`)).status).toBe(204)
    await make(accounts[0], '<default>')
  })

  it('gets exactly one of many that are asked for at once', async () => {
    const asked = Array.from({ length: 10 }, () => cloud.post(quotas, spec([accounts[2]])))
    expect(await statuses(asked)).toEqual([202, ...Array.from({ length: 9 }, () => 409)])
  })

  it('may have another in another cluster', async () => {
    const [other] = await created(202, [cloud.post('/cmk/v2/clusters', inEnvironment('another'))])
    expect((await cloud.post(quotas, spec([accounts[2]], { cluster: { id: other } }))).status).toBe(202)
  })
})

describe('the client quotas of a cluster are listed', () => {
  it('each once, in pages, for its cluster and environment only', async () => {
    await furnish('list')
    const made = [await make(accounts[0]), await make(accounts[1]), await make('<default>')].toSorted()
    const pages = await everyPage(cloud, `${listOf()}&page_size=2`)
    for (const { body } of pages) ClientQuotaList.strict().parse(body)
    expect(idsIn(...pages)).toEqual(made)
    expect((await cloud.get(listOf('env-0000000'))).body.data).toEqual([])
    expect(refusal(await cloud.get(`${quotas}?environment=${organization.environmentId}`))).toEqual([
      400,
      'spec.cluster',
    ])
    expect(refusal(await cloud.get(`${quotas}?spec.cluster=${clusterId}`))).toEqual([400, 'environment'])
  })
})

describe('a client quota goes with what it is of', () => {
  beforeAll(() => furnish('gone'))

  it('loses a service account that is deleted, and goes with its last', async () => {
    const id = await make(accounts[0], accounts[1])
    const before = await generation()
    expect((await cloud.delete(`/iam/v2/service-accounts/${accounts[0]}`)).status).toBe(204)
    expect(await principalsOf(id)).toEqual([accounts[1]])
    expect(await generation()).toBe(before + 1n)
    expect((await cloud.delete(`/iam/v2/service-accounts/${accounts[1]}`)).status).toBe(204)
    expect(refusal(await cloud.get(`${quotas}/${id}`))).toEqual([404])
    expect(await generation()).toBe(before + 2n)
    expect((await cloud.delete(`/iam/v2/service-accounts/${accounts[2]}`)).status).toBe(204)
    expect(await generation()).toBe(before + 2n)
  })

  it('goes when all its service accounts are deleted at once', async () => {
    await furnish('at once')
    const id = await make(...accounts)
    const deletions = accounts.map((account) => cloud.delete(`/iam/v2/service-accounts/${account}`))
    expect(await statuses(deletions)).toEqual([204, 204, 204])
    expect(refusal(await cloud.get(`${quotas}/${id}`))).toEqual([404])
  })

  it('is not left behind by a deletion that meets its creation', async () => {
    for (let round = 0; round < 5; round++) {
      await furnish(`race ${round}`)
      await Promise.all([
        cloud.post(quotas, spec([accounts[0]])),
        cloud.delete(`/iam/v2/service-accounts/${accounts[0]}`),
        cloud.post(quotas, spec([accounts[1], accounts[2]])),
        cloud.delete(`/iam/v2/service-accounts/${accounts[2]}`),
      ])
      const { data } = ClientQuotaList.parse((await cloud.get(listOf())).body)
      const left = data.map((quota) => quota.spec.principals.map(({ id }) => id))
      expect([[], [[accounts[1]]]]).toContainEqual(left)
    }
  })

  it('goes with its cluster', async () => {
    await furnish('with its cluster')
    const id = await make(accounts[0], '<default>')
    expect((await cloud.delete(`/cmk/v2/clusters/${clusterId}?environment=${organization.environmentId}`)).status).toBe(
      204,
    )
    expect(refusal(await cloud.get(`${quotas}/${id}`))).toEqual([404])
    expect(await prisma.clientQuotaPrincipal.count({ where: { clusterId } })).toBe(0)
    expect(refusal(await cloud.post(quotas, spec([accounts[0]])))).toEqual([422, '/spec/cluster/id'])
  })
})

describe('a client quota is of who administers its cluster', () => {
  it('and nobody else sees or changes it', async () => {
    await furnish('rights')
    const id = await make('<default>')
    const key = async (owner: string | undefined) => {
      const { body } = await cloud.post('/iam/v2/api-keys', { spec: { owner: { id: owner } } })
      return ApiClient.withKey(installation.endpoint, { id: body.id, secret: body.spec.secret })
    }
    const [administrator, nobody] = [await key(accounts[0]), await key(accounts[1])]
    const { organizationId, environmentId } = organization
    const bound = await cloud.post('/iam/v2/role-bindings', {
      principal: `User:${accounts[0]}`,
      role_name: 'CloudClusterAdmin',
      crn_pattern: `crn://confluent.cloud/organization=${organizationId}/environment=${environmentId}/cloud-cluster=${clusterId}`,
    })
    expect(bound.status).toBe(201)
    const path = `${quotas}/${id}`
    expect(idsIn(await administrator.get(listOf()))).toEqual([id])
    expect((await administrator.patch(path, { spec: { display_name: 'mine' } })).status).toBe(200)
    const foreign = (await installation.createOrganization()).cloud
    for (const other of [nobody, foreign]) {
      expect((await other.get(listOf())).body.data).toEqual([])
      expect(refusal(await other.get(path))).toEqual([404])
      expect(refusal(await other.patch(path, { spec: {} }))).toEqual([404])
      expect(refusal(await other.delete(path))).toEqual([404])
      expect(refusal(await other.post(quotas, spec(['<default>'])))).toEqual([422, '/spec/cluster/id'])
    }
    expect((await administrator.delete(path)).status).toBe(204)
  })
})

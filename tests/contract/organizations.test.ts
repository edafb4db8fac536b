import { randomUUID } from 'node:crypto'
import { Environment, EnvironmentList, Organization, OrganizationList } from '@tributary/contract/cloud/org'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { clusterSpec } from '@tributary/testkit/clusters'
import { type Organization as TestOrganization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, everyPage, idsIn, refusal, statuses } from './answers.ts'
import { meetAt } from './turns.ts'

let installation: TestInstallation
let prisma: Prisma
/** For requests that change nothing. */
let unchanged: TestOrganization

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 2 })
  unchanged = await installation.createOrganization()
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})

const environments = '/org/v2/environments'

describe('an organization is read and changed by its administrators', () => {
  it('is the only one that its list shows', async () => {
    const { cloud, organizationId } = unchanged
    const listed = await cloud.get('/org/v2/organizations')
    const { data, metadata } = OrganizationList.strict().parse(listed.body)
    expect(data.map(({ id }) => id)).toEqual([organizationId])
    expect(metadata).toEqual({ first: `${installation.endpoint}/org/v2/organizations?page_size=10` })

    const read = await cloud.get(`/org/v2/organizations/${organizationId}`)
    expect(Organization.strict().parse(read.body)).toEqual(data[0])
    expect(read.body.metadata.resource_name).toBe(`crn://confluent.cloud/organization=${organizationId}`)
  })

  it('takes a new name, and keeps what is not named', async () => {
    const { cloud, organizationId } = await installation.createOrganization()
    const path = `/org/v2/organizations/${organizationId}`
    expect((await cloud.patch(path, { display_name: 'Zürich Örg' })).body.display_name).toBe('Zürich Örg')
    const changed = await cloud.patch(path, { jit_enabled: false })
    expect(changed.body).toMatchObject({ display_name: 'Zürich Örg', jit_enabled: false })
    expect((await cloud.get(path)).body).toEqual(changed.body)
  })

  it('refuses to make users at sign-on, which is not built, and changes nothing', async () => {
    const { cloud, organizationId } = await installation.createOrganization()
    const path = `/org/v2/organizations/${organizationId}`
    const before = await cloud.get(path)
    expect(refusal(await cloud.patch(path, { display_name: 'other', jit_enabled: true }))).toEqual([
      501,
      '/jit_enabled',
    ])
    expect((await cloud.get(path)).body).toEqual(before.body)
  })

  it.each(['', 'a'.repeat(32), 'a<b', 'quote"d', 'line\nbreak', 7, null])('refuses the name %j', async (name) => {
    const { cloud, organizationId } = unchanged
    const answer = await cloud.patch(`/org/v2/organizations/${organizationId}`, { display_name: name })
    expect(refusal(answer)).toEqual([422, '/display_name'])
  })
})

describe('an environment lives from its creation to its deletion', () => {
  it('is created, read, renamed and deleted, and is then gone', async () => {
    const { cloud, organizationId } = await installation.createOrganization()
    const answer = await cloud.post(environments, { display_name: 'staging' })
    expect(answer.status).toBe(201)
    const environment = Environment.strict().parse(answer.body)
    expect(environment).toMatchObject({ display_name: 'staging', id: expect.stringMatching(/^env-[a-z0-9]{7}$/) })
    const path = `${environments}/${environment.id}`
    expect(environment.metadata).toEqual({
      self: `${installation.endpoint}${path}`,
      resource_name: `crn://confluent.cloud/organization=${organizationId}/environment=${environment.id}`,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: environment.metadata.created_at,
    })
    expect((await cloud.get(path)).body).toEqual(environment)

    const renamed = await cloud.patch(path, { display_name: 'production' })
    expect(renamed.body.display_name).toBe('production')
    expect((await cloud.get(path)).body).toEqual(renamed.body)

    expect((await cloud.delete(path)).status).toBe(204)
    expect(refusal(await cloud.get(path))).toEqual([404])
    expect(refusal(await cloud.patch(path, { display_name: 'x' }))).toEqual([404])
    expect(refusal(await cloud.delete(path))).toEqual([404])
    expect(idsIn(...(await everyPage(cloud, environments)))).not.toContain(environment.id)
  })

  it('gives its name free when it goes', async () => {
    const { cloud } = await installation.createOrganization()
    const [id] = await created(201, [cloud.post(environments, { display_name: 'again' })])
    await cloud.delete(`${environments}/${id}`)
    expect((await cloud.post(environments, { display_name: 'again' })).status).toBe(201)
  })

  it.each([
    [{}, '/display_name'],
    [{ display_name: '' }, '/display_name'],
    [{ display_name: ' \t' }, '/display_name'],
    [{ display_name: 'nul\0' }, '/display_name'],
    [{ display_name: 'x'.repeat(65) }, '/display_name'],
    [{ display_name: ['x'] }, '/display_name'],
    [{ display_name: 'x', stream_governance_config: { package: 'ESSENTIALS' } }, '/stream_governance_config'],
  ])('is not made from %j', async (body, pointer) => {
    const { cloud, environmentId } = unchanged
    expect(refusal(await cloud.post(environments, body))).toEqual([422, pointer])
    expect(idsIn(await cloud.get(environments))).toEqual([environmentId])
  })

  it('answers without the package that it has not', async () => {
    const { cloud } = await installation.createOrganization()
    const answer = await cloud.post(environments, { display_name: 'plain', stream_governance_config: null })
    expect(answer.status).toBe(201)
    expect(answer.body).not.toHaveProperty('stream_governance_config')
  })

  it('refuses what is no JSON object', async () => {
    const { cloud } = unchanged
    for (const body of ['{', '[]', '"text"', 'null']) {
      expect(refusal(await cloud.post(environments, body))).toEqual([400, ''])
    }
  })
})

describe('no two environments of an organization have the same name', () => {
  it('refuses to create or rename one to a name that is taken', async () => {
    const { cloud, environmentId } = await installation.createOrganization()
    expect((await cloud.post(environments, { display_name: 'taken' })).status).toBe(201)
    expect(refusal(await cloud.post(environments, { display_name: 'taken' }))).toEqual([409, '/display_name'])
    expect(refusal(await cloud.patch(`${environments}/${environmentId}`, { display_name: 'taken' }))).toEqual([
      409,
      '/display_name',
    ])
    const other = await installation.createOrganization()
    expect((await other.cloud.post(environments, { display_name: 'taken' })).status).toBe(201)
  })

  it('makes exactly one when many ask for the same name at once', async () => {
    const { cloud } = await installation.createOrganization()
    const asked = Array.from({ length: 10 }, () => cloud.post(environments, { display_name: 'contested' }))
    expect(await statuses(asked)).toEqual([201, ...Array.from({ length: 9 }, () => 409)])
  })
})

describe('a list shows each environment once, however it is paged', () => {
  it('joins its pages to the whole, and leaves next out on the last', async () => {
    const { cloud, environmentId } = await installation.createOrganization()
    const names = Array.from({ length: 6 }, (_, index) => `environment ${index}`)
    const made = await created(
      201,
      names.map((display_name) => cloud.post(environments, { display_name })),
    )
    const all = [environmentId, ...made].toSorted()
    for (const size of [1, 3, 7, 99]) {
      const pages = await everyPage(cloud, `${environments}?page_size=${size}`)
      expect(pages).toHaveLength(Math.ceil(all.length / size))
      expect(idsIn(...pages)).toEqual(all)
      for (const { body } of pages) {
        EnvironmentList.strict().parse(body)
        expect(body.metadata.first).toBe(`${installation.endpoint}${environments}?page_size=${size}`)
      }
      expect(pages.at(-1)?.body.metadata).not.toHaveProperty('next')
    }
  })

  it('goes on where it was when what it ended with is deleted meanwhile', async () => {
    const { cloud, environmentId } = await installation.createOrganization()
    const made = await created(
      201,
      ['a', 'b', 'c'].map((display_name) => cloud.post(environments, { display_name })),
    )
    const all = [environmentId, ...made].toSorted()
    const first = await cloud.get(`${environments}?page_size=2`)
    await cloud.delete(`${environments}/${all[1]}`)
    expect(idsIn(await cloud.get(first.body.metadata.next))).toEqual(all.slice(2))
  })

  it.each([
    'page_size=0',
    'page_size=-1',
    'page_size=x',
    'page_size=1.5',
    'page_size=1&page_size=2',
    'page_size=10001',
  ])('refuses %s', async (query) => {
    const { cloud } = unchanged
    expect(refusal(await cloud.get(`${environments}?${query}`))).toEqual([400, 'page_size'])
  })

  it.each([
    'x',
    'e30',
    Buffer.from('[1,"env-\\u0000"]').toString('base64url'),
    Buffer.from('[2,"env-a"]').toString('base64url'),
    'a'.repeat(256),
  ])('refuses the page token %s', async (token) => {
    const { cloud } = unchanged
    expect(refusal(await cloud.get(`${environments}?page_token=${token}`))).toEqual([400, 'page_token'])
  })

  it('takes an empty value for none', async () => {
    const { cloud, environmentId } = unchanged
    expect(idsIn(await cloud.get(`${environments}?page_size=&page_token=`))).toEqual([environmentId])
  })
})

describe('an environment with clusters stays', () => {
  it('is deleted only after its last cluster', async () => {
    const { cloud, environmentId } = await installation.createOrganization()
    const [clusterId] = await created(202, [cloud.post('/cmk/v2/clusters', clusterSpec(environmentId))])
    expect(refusal(await cloud.delete(`${environments}/${environmentId}`))).toEqual([409])
    expect((await cloud.get(`${environments}/${environmentId}`)).status).toBe(200)
    expect((await cloud.delete(`/cmk/v2/clusters/${clusterId}?environment=${environmentId}`)).status).toBe(204)
    expect((await cloud.delete(`${environments}/${environmentId}`)).status).toBe(204)
  })

  it('stays with a cluster that is being created while it is asked to go', async () => {
    const { cloud, organizationId, environmentId } = await installation.createOrganization()
    const creation = (transaction: Pick<Prisma, '$executeRaw'>) => transaction.$executeRaw`
      INSERT INTO kafka_clusters (id, organization_id, environment_id, display_name, availability, cloud, region, type)
      SELECT ${`lkc-${environmentId}`}, organization_id, id, 'new', 'SINGLE_ZONE', 'AWS', 'us-east-2', 'Basic'
      FROM environments WHERE organization_id = ${organizationId}::uuid AND id = ${environmentId} FOR SHARE`
    const [answer] = await meetAt(prisma, creation, [() => cloud.delete(`${environments}/${environmentId}`)])
    expect(answer && refusal(answer)).toEqual([409])
  })

  it('either goes before a cluster comes, or stays with it, when both are asked for at once', async () => {
    const { cloud } = await installation.createOrganization()
    const races = Array.from({ length: 20 }, async (_, index) => {
      const [id = ''] = await created(201, [cloud.post(environments, { display_name: `race ${index}` })])
      const [cluster, deletion] = await Promise.all([
        cloud.post('/cmk/v2/clusters', clusterSpec(id)),
        cloud.delete(`${environments}/${id}`),
      ])
      const remains = (await cloud.get(`${environments}/${id}`)).status
      return [cluster.status, deletion.status, remains].join(' ')
    })
    const outcomes = new Set(await Promise.all(races))
    expect([...outcomes].filter((outcome) => !['202 409 200', '422 204 404'].includes(outcome))).toEqual([])
  })
})

describe('a POST with an Idempotency-Key makes one environment', () => {
  it('repeats its answer, and refuses another request under the same key', async () => {
    const { cloud } = await installation.createOrganization()
    const headers = { 'idempotency-key': randomUUID() }
    const first = await cloud.post(environments, { display_name: 'once' }, headers)
    const again = await cloud.post(environments, { display_name: 'once' }, headers)
    expect([again.status, again.text]).toEqual([201, first.text])
    const other = await cloud.post(environments, { display_name: 'other' }, headers)
    expect(refusal(other)).toEqual([422, 'Idempotency-Key'])
    expect((await cloud.get(environments)).body.data).toHaveLength(2)
  })

  it('makes one when the repetitions come at once', async () => {
    const { cloud } = await installation.createOrganization()
    const headers = { 'idempotency-key': randomUUID() }
    const asked = Array.from({ length: 8 }, () => cloud.post(environments, { display_name: 'at once' }, headers))
    expect(new Set(await created(201, asked)).size).toBe(1)
  })
})

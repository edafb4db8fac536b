import { randomUUID } from 'node:crypto'
import { Cluster, ClusterList } from '@tributary/contract/cloud/cmk'
import { createPrisma, type Prisma } from '@tributary/database/database'
import type { ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec } from '@tributary/testkit/clusters'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, everyPage, idsIn, refusal, statuses } from './answers.ts'

let installation: TestInstallation
let prisma: Prisma
let organization: Organization
let cloud: ApiClient
let environmentId: string

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 1 })
  organization = await installation.createOrganization()
  ;({ cloud, environmentId } = organization)
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})

const clusters = '/cmk/v2/clusters'
const spec = (overrides: object = {}) => clusterSpec(environmentId, { display_name: randomUUID(), ...overrides })
const make = async (overrides: object = {}) => (await created(202, [cloud.post(clusters, spec(overrides))]))[0] ?? ''
const patch = (id: string, changes: object, environment: string = environmentId) =>
  cloud.patch(`${clusters}/${id}`, { spec: { ...changes, environment: { id: environment } } })
const read = (id: string) => cloud.get(`${clusters}/${id}?environment=${environmentId}`)

describe('a Kafka cluster is promised as it was asked for', () => {
  it.each([
    [{ availability: 'SINGLE_ZONE', config: { kind: 'Basic' } }, { kind: 'Basic' }],
    [
      { availability: 'LOW', config: { kind: 'Standard', max_ecku: 5 } },
      { kind: 'Standard', max_ecku: 5 },
    ],
    [
      { availability: 'MULTI_ZONE', config: { kind: 'Dedicated', cku: 2 } },
      { kind: 'Dedicated', cku: 2 },
    ],
  ])('from %j', async (asked, config) => {
    const answer = await cloud.post(clusters, spec({ ...asked, cloud: 'gcp', region: 'europe-west3' }))
    expect(answer.status).toBe(202)
    const cluster = Cluster.strict().parse(answer.body)
    const { organizationId } = organization
    expect(cluster).toMatchObject({
      id: expect.stringMatching(/^lkc-[a-z0-9]{7}$/),
      metadata: {
        resource_name: `crn://confluent.cloud/organization=${organizationId}/environment=${environmentId}/cloud-cluster=${cluster.id}/kafka=${cluster.id}`,
      },
      spec: {
        availability: asked.availability,
        cloud: 'GCP',
        region: 'europe-west3',
        deletion_protection: false,
        environment: { id: environmentId },
      },
      status: { phase: 'PROVISIONING' },
    })
    expect(cluster.spec.config).toEqual(config)
    expect((await read(cluster.id)).body).toEqual(cluster)
  })

  it.each([
    [{ config: { kind: 'Enterprise' } }, '/spec/config/kind'],
    [{ config: { kind: 'Freight' } }, '/spec/config/kind'],
    [{ config: {} }, '/spec/config/kind'],
    [{ config: 'Basic' }, '/spec/config'],
    [{ config: { kind: 'Dedicated' } }, '/spec/config/cku'],
    [{ config: { kind: 'Dedicated', cku: 0 } }, '/spec/config/cku'],
    [{ config: { kind: 'Dedicated', cku: 1.5 } }, '/spec/config/cku'],
    [{ config: { kind: 'Dedicated', cku: 1 }, availability: 'MULTI_ZONE' }, '/spec/config/cku'],
    [{ config: { kind: 'Dedicated', cku: 1, zones: ['a'] } }, '/spec/config/zones'],
    [{ config: { kind: 'Dedicated', cku: 1, encryption_key: 'arn' } }, '/spec/config/encryption_key'],
    [{ network: { id: 'n-123456' } }, '/spec/network'],
    [{ byok: { id: 'cck-12345' } }, '/spec/byok'],
    [{ availability: 'TWO_ZONES' }, '/spec/availability'],
    [{ cloud: 'IBM' }, '/spec/cloud'],
    [{ region: '../etc' }, '/spec/region'],
    [{ display_name: '' }, '/spec/display_name'],
    [{ deletion_protection: 'yes' }, '/spec/deletion_protection'],
    [{ environment: { id: 'env-0000000' } }, '/spec/environment/id'],
    [{ environment: { id: 7 } }, '/spec/environment/id'],
    [{ environment: undefined }, '/spec/environment'],
  ])('but not from %j', async (overrides, pointer) => {
    expect(refusal(await cloud.post(clusters, spec(overrides)))).toEqual([422, pointer])
  })

  it('says which kinds there are where it is asked for another', async () => {
    const answer = await cloud.post(clusters, spec({ config: { kind: 'Enterprise' } }))
    expect(answer.body.errors[0].detail).toMatch(/Basic, Standard or Dedicated/)
  })
})

describe('a cluster is changed where nothing that runs depends on it', () => {
  it('is renamed, keeps its name when it is given again, and calls no worker', async () => {
    const id = await make()
    const engine = { where: { id }, orderBy: { kind: 'asc' } } as const
    const before = await prisma.resource.findMany(engine)
    const renamed = await patch(id, { display_name: 'renamed' })
    expect(renamed.status).toBe(200)
    expect(Cluster.strict().parse(renamed.body).spec.display_name).toBe('renamed')
    expect((await patch(id, { display_name: 'renamed' })).status).toBe(200)
    expect((await read(id)).body.spec.display_name).toBe('renamed')
    expect(await prisma.resource.findMany(engine)).toEqual(before)
    const audit = await prisma.auditEvent.findFirstOrThrow({ where: { resourceId: id }, orderBy: { sequence: 'desc' } })
    expect(audit).toMatchObject({ operation: 'updateCmkV2Cluster', principal: organization.administratorId })
  })

  it('takes all that an unchanged plan sends', async () => {
    const id = await make({ config: { kind: 'Dedicated', cku: 1 } })
    const { display_name, availability, config } = (await read(id)).body.spec
    const answer = await patch(id, { display_name, availability, config, deletion_protection: false })
    expect(answer.status).toBe(200)
    expect(answer.body.spec.config).toEqual({ kind: 'Dedicated', cku: 1 })
  })

  it('becomes Standard from Basic, and never goes back', async () => {
    const id = await make()
    expect((await patch(id, { config: { kind: 'Standard' } })).body.spec.config).toEqual({ kind: 'Standard' })
    expect(refusal(await patch(id, { config: { kind: 'Basic' } }))).toEqual([422, '/spec/config/kind'])
    expect(refusal(await patch(id, { config: { kind: 'Dedicated', cku: 1 } }))).toEqual([422, '/spec/config/kind'])
    expect(refusal(await patch(id, { config: { kind: 'Freight' } }))).toEqual([422, '/spec/config/kind'])
    expect((await read(id)).body.spec.config).toEqual({ kind: 'Standard' })
  })

  it('says that its size and its zones are not changed yet', async () => {
    const id = await make({ config: { kind: 'Dedicated', cku: 1 } })
    expect(refusal(await patch(id, { config: { kind: 'Dedicated', cku: 2 } }))).toEqual([501, '/spec/config/cku'])
    expect(refusal(await patch(id, { availability: 'HIGH' }))).toEqual([501, '/spec/availability'])
    expect(refusal(await patch(id, { display_name: 'half', availability: 'LOW' }))).toEqual([501, '/spec/availability'])
    expect((await read(id)).body.spec).toMatchObject({ availability: 'SINGLE_ZONE', config: { cku: 1 } })
    expect((await read(id)).body.spec.display_name).not.toBe('half')
  })

  it('is found in its own environment only', async () => {
    const id = await make()
    const [other = ''] = await created(201, [cloud.post('/org/v2/environments', { display_name: randomUUID() })])
    for (const environment of [other, 'env-0000000']) {
      expect(refusal(await patch(id, { display_name: 'x' }, environment))).toEqual([404])
      expect(refusal(await cloud.get(`${clusters}/${id}?environment=${environment}`))).toEqual([404])
      expect(refusal(await cloud.delete(`${clusters}/${id}?environment=${environment}`))).toEqual([404])
    }
    expect(refusal(await cloud.patch(`${clusters}/${id}`, { spec: {} }))).toEqual([422, '/spec/environment'])
    expect(refusal(await cloud.get(`${clusters}/${id}`))).toEqual([400, 'environment'])
    expect(refusal(await cloud.delete(`${clusters}/${id}?environment=`))).toEqual([400, 'environment'])
  })
})

describe('a protected cluster is not deleted', () => {
  it('goes when the protection is taken off, and then is gone', async () => {
    const id = await make({ deletion_protection: true })
    const path = `${clusters}/${id}?environment=${environmentId}`
    expect(refusal(await cloud.delete(path))).toEqual([409])
    expect((await read(id)).body.spec.deletion_protection).toBe(true)
    expect((await patch(id, { deletion_protection: false })).body.spec.deletion_protection).toBe(false)
    expect((await cloud.delete(path)).status).toBe(204)
    expect(refusal(await cloud.delete(path))).toEqual([404])
    expect(refusal(await patch(id, { display_name: 'x' }))).toEqual([404])
  })
})

describe('no two clusters of an environment have the same name', () => {
  it('refuses to create or rename one to a name that is taken, in that environment', async () => {
    const [, other] = await Promise.all([make({ display_name: 'taken' }), make()])
    expect(refusal(await cloud.post(clusters, spec({ display_name: 'taken' })))).toEqual([409, '/spec/display_name'])
    expect(refusal(await patch(other, { display_name: 'taken' }))).toEqual([409, '/spec/display_name'])
    const [elsewhere] = await created(201, [cloud.post('/org/v2/environments', { display_name: randomUUID() })])
    const inOther = spec({ display_name: 'taken', environment: { id: elsewhere } })
    expect((await cloud.post(clusters, inOther)).status).toBe(202)
  })

  it('makes exactly one when many ask for the same name at once', async () => {
    const asked = Array.from({ length: 10 }, () => cloud.post(clusters, spec({ display_name: 'contested' })))
    expect(await statuses(asked)).toEqual([202, ...Array.from({ length: 9 }, () => 409)])
  })
})

describe('the list of clusters shows those of one environment', () => {
  it('joins its pages to the whole, and filters by deletion protection', async () => {
    const [environment = ''] = await created(201, [cloud.post('/org/v2/environments', { display_name: randomUUID() })])
    const inIt = (overrides: object = {}) => make({ environment: { id: environment }, ...overrides })
    const [first, second, isProtected] = await Promise.all([
      inIt(),
      inIt(),
      inIt({ deletion_protection: true }),
      make(),
    ])
    const list = async (query: string) => {
      const pages = await everyPage(cloud, `${clusters}?environment=${environment}&page_size=2&${query}`)
      for (const { body } of pages) ClusterList.strict().parse(body)
      return idsIn(...pages)
    }
    expect(await list('')).toEqual([first, second, isProtected].toSorted())
    expect(await list('spec.deletion_protection=')).toHaveLength(3)
    expect(await list('spec.deletion_protection=true')).toEqual([isProtected])
    expect(await list('spec.deletion_protection=false')).toEqual([first, second].toSorted())
    expect(await list('spec.network=')).toHaveLength(3)
    expect(await list('spec.network=n-123456')).toEqual([])
    expect((await cloud.get(`${clusters}?environment=env-0000000`)).body.data).toEqual([])
  })

  it('refuses what is no environment or no filter', async () => {
    for (const query of ['', '?environment=', '?environment=x']) {
      expect(refusal(await cloud.get(`${clusters}${query}`))).toEqual([400, 'environment'])
    }
    const answer = await cloud.get(`${clusters}?environment=${environmentId}&spec.deletion_protection=maybe`)
    expect(refusal(answer)).toEqual([400, 'spec.deletion_protection'])
  })
})

import { randomUUID } from 'node:crypto'
import { ApiKey, ApiKeyList } from '@tributary/contract/cloud/apikeys'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { ApiClient } from '@tributary/testkit/apiClient'
import { waitUntil } from '@tributary/kit/waitUntil'
import { clusterSpec } from '@tributary/testkit/clusters'
import { type Organization, TestInstallation } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { created, everyPage, idsIn, refusal, statuses } from './answers.ts'

let installation: TestInstallation
let prisma: Prisma
let organization: Organization
let cloud: ApiClient
let clusterId: string
let serviceAccountId: string

const keys = '/iam/v2/api-keys'

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'), { worker: false })
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 2 })
  organization = await installation.createOrganization()
  cloud = organization.cloud
  ;[clusterId = ''] = await created(202, [cloud.post('/cmk/v2/clusters', clusterSpec(organization.environmentId))])
  ;[serviceAccountId = ''] = await created(201, [cloud.post('/iam/v2/service-accounts', { display_name: 'owner' })])
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})

const rung = () => prisma.outboxEntry.count({ where: { kind: 'kafka-access', resourceId: clusterId } })
const accessGeneration = async () =>
  (await prisma.resource.findUniqueOrThrow({ where: { kind_id: { kind: 'kafka-access', id: clusterId } } })).generation

describe('an API key lives from its creation to its deletion', () => {
  it('shows its secret once, and says whose it is and what for', async () => {
    const { organizationId, environmentId } = organization
    const spec = {
      display_name: 'ci',
      description: 'for CI',
      owner: { id: serviceAccountId },
      resource: { id: clusterId },
    }
    const answer = await cloud.post(keys, { spec })
    expect(answer.status).toBe(202)
    const key = ApiKey.strict().parse(answer.body)
    expect(key.id).toMatch(/^[A-Z0-9]{16}$/)
    expect(key.spec.secret).toMatch(/^\S{64}$/)
    expect(key.spec).toMatchObject({
      display_name: 'ci',
      description: 'for CI',
      owner: { id: serviceAccountId, api_version: 'iam/v2', kind: 'ServiceAccount' },
      resource: {
        id: clusterId,
        api_version: 'cmk/v2',
        kind: 'Cluster',
        resource_name: `crn://confluent.cloud/organization=${organizationId}/environment=${environmentId}/cloud-cluster=${clusterId}/kafka=${clusterId}`,
      },
    })
    const read = await cloud.get(`${keys}/${key.id}`)
    const { secret, ...shown } = key.spec
    expect(read.body).toEqual({ ...key, spec: shown })
    expect((await cloud.get(`${keys}?page_size=99`)).text).not.toContain(secret)
  })

  it('is renamed without a word to the brokers', async () => {
    const [id] = await created(202, [
      cloud.post(keys, { spec: { owner: { id: serviceAccountId }, resource: { id: clusterId }, description: 'kept' } }),
    ])
    const before = await accessGeneration()
    const renamed = await cloud.patch(`${keys}/${id}`, { spec: { display_name: 'new name' } })
    expect(renamed.body.spec).toMatchObject({ display_name: 'new name', description: 'kept' })
    expect(renamed.body.spec).not.toHaveProperty('secret')
    expect((await cloud.get(`${keys}/${id}`)).body).toEqual(renamed.body)
    expect(await accessGeneration()).toBe(before)
    expect(refusal(await cloud.patch(`${keys}/${id}`, { spec: { display_name: 'x'.repeat(65) } }))).toEqual([
      422,
      '/spec/display_name',
    ])
    expect(refusal(await cloud.patch(`${keys}/${id}`, {}))).toEqual([422, '/spec'])
  })

  it('is gone when it was deleted, and its cluster learns of it', async () => {
    const [id = ''] = await created(202, [
      cloud.post(keys, { spec: { owner: { id: serviceAccountId }, resource: { id: clusterId } } }),
    ])
    const [before, rungBefore] = [await accessGeneration(), await rung()]
    const revision = async () => (await prisma.apiKey.findUniqueOrThrow({ where: { id } })).revision
    const revisionBefore = await revision()
    expect((await cloud.delete(`${keys}/${id}`)).status).toBe(204)
    expect(await accessGeneration()).toBe(before + 1n)
    expect(await revision()).toBeGreaterThan(revisionBefore)
    expect(await rung()).toBe(rungBefore + 1)
    expect(refusal(await cloud.get(`${keys}/${id}`))).toEqual([404])
    expect(refusal(await cloud.patch(`${keys}/${id}`, { spec: { display_name: 'x' } }))).toEqual([404])
    expect(refusal(await cloud.delete(`${keys}/${id}`))).toEqual([404])
  })

  it('is deleted once when many delete it at once', async () => {
    const [id] = await created(202, [
      cloud.post(keys, { spec: { owner: { id: serviceAccountId }, resource: { id: clusterId } } }),
    ])
    const before = await accessGeneration()
    const deletions = await statuses(Array.from({ length: 5 }, () => cloud.delete(`${keys}/${id}`)))
    expect(deletions).toEqual([204, 404, 404, 404, 404])
    expect(await accessGeneration()).toBe(before + 1n)
  })

  it('opens the API until it is deleted, where it is a Cloud API key', async () => {
    const answer = await cloud.post(keys, { spec: { owner: { id: organization.administratorId } } })
    expect(answer.body.spec.resource).toMatchObject({ id: 'cloud', kind: 'Cloud' })
    const own = ApiClient.withKey(installation.endpoint, { id: answer.body.id, secret: answer.body.spec.secret })
    expect((await own.get('/org/v2/environments')).status).toBe(200)
    expect((await own.delete(`${keys}/${answer.body.id}`)).status).toBe(204)
    expect(refusal(await own.get('/org/v2/environments'))).toEqual([401])
  })

  it.each([
    [{}, '/spec'],
    [{ spec: {} }, '/spec/owner'],
    [{ spec: { owner: { id: 'x' } } }, '/spec/owner/id'],
    [{ spec: { owner: { id: 'sa-0000000' } } }, '/spec/owner/id'],
    [{ spec: { owner: { id: 'u-0000000' } } }, '/spec/owner/id'],
  ])('is not made from %j', async (body, pointer) => {
    expect(refusal(await cloud.post(keys, body))).toEqual([422, pointer])
  })

  it('is not made for a cluster that is not there', async () => {
    for (const id of ['lkc-0000000', 'lsrc-1', '']) {
      const answer = await cloud.post(keys, { spec: { owner: { id: serviceAccountId }, resource: { id } } })
      expect(refusal(answer)).toEqual([422, '/spec/resource/id'])
    }
  })
})

describe('a POST with an Idempotency-Key makes one API key', () => {
  it('repeats its answer, secret included, and refuses another request under the same key', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const spec = { owner: { id: serviceAccountId }, display_name: 'once' }
    const first = await cloud.post(keys, { spec }, headers)
    const again = await cloud.post(keys, { spec }, headers)
    expect([again.status, again.text]).toEqual([202, first.text])
    expect(again.body.spec.secret).toMatch(/^\S{64}$/)
    const other = await cloud.post(keys, { spec: { ...spec, display_name: 'other' } }, headers)
    expect(refusal(other)).toEqual([422, 'Idempotency-Key'])
    const listed = await cloud.get(`${keys}?spec.owner=${serviceAccountId}&page_size=99`)
    expect(
      listed.body.data.filter((key: { spec: { display_name: string } }) => key.spec.display_name === 'once'),
    ).toHaveLength(1)
  })
})

describe('the list of API keys shows what was asked for', () => {
  let own: Organization
  const made: Record<string, string> = {}

  beforeAll(async () => {
    own = await installation.createOrganization()
    made.first = own.cloudKey.id
    const [cluster = ''] = await created(202, [own.cloud.post('/cmk/v2/clusters', clusterSpec(own.environmentId))])
    const [owner = ''] = await created(201, [own.cloud.post('/iam/v2/service-accounts', { display_name: 'owner' })])
    const make = async (spec: object) => (await created(202, [own.cloud.post(keys, { spec })]))[0] ?? ''
    made.cloud = await make({ owner: { id: owner } })
    made.cluster = await make({ owner: { id: owner }, resource: { id: cluster } })
    made.administrators = await make({ owner: { id: own.administratorId }, resource: { id: cluster } })
    made.deleted = await make({ owner: { id: owner } })
    await own.cloud.delete(`${keys}/${made.deleted}`)
    ids = { cluster, owner }
  })
  let ids: { cluster: string; owner: string }

  const list = async (query: string) => {
    const pages = await everyPage(own.cloud, `${keys}?page_size=1&${query}`)
    for (const { body } of pages) ApiKeyList.strict().parse(body)
    return idsIn(...pages)
  }
  const of = (...names: string[]) => names.map((name) => made[name] ?? '').toSorted()

  it('is all of them without a filter, or with an empty one', async () => {
    const all = of('first', 'cloud', 'cluster', 'administrators')
    expect(await list('')).toEqual(all)
    expect(await list('spec.owner=&spec.resource=')).toEqual(all)
  })

  it('is those of an owner, of a resource, or of both', async () => {
    expect(await list(`spec.owner=${ids.owner}`)).toEqual(of('cloud', 'cluster'))
    expect(await list(`spec.resource=${ids.cluster}`)).toEqual(of('cluster', 'administrators'))
    expect(await list('spec.resource=cloud')).toEqual(of('first', 'cloud'))
    expect(await list(`spec.owner=${ids.owner}&spec.resource=cloud`)).toEqual(of('cloud'))
    expect(await list('spec.owner=sa-0000000')).toEqual([])
    expect(await list('spec.resource=lkc-0000000')).toEqual([])
  })

  it('refuses a filter that is none', async () => {
    expect(refusal(await own.cloud.get(`${keys}?spec.owner=%00`))).toEqual([400, 'spec.owner'])
    expect(refusal(await own.cloud.get(`${keys}?spec.resource=a&spec.resource=b`))).toEqual([400, 'spec.resource'])
  })
})

const lifetime = (id: string) => `/tributary/v1/api-keys/${id}`
const worksFor = async (key: { id: string; spec: { secret: string } }) =>
  (await ApiClient.withKey(installation.endpoint, { id: key.id, secret: key.spec.secret }).get(keys)).status

describe('a key is replaced without an interruption', () => {
  it('by one of the same owner, beside which it is good until the overlap is over', async () => {
    const old = await cloud.post(keys, { spec: { display_name: 'ci', owner: { id: serviceAccountId } } })
    const before = Date.now()
    const rotated = await cloud.post(`${lifetime(old.body.id)}:rotate`, { overlap_seconds: 600 })
    expect(rotated.status).toBe(202)
    const { id: newId, spec } = ApiKey.strict().parse(rotated.body)
    expect(newId).not.toBe(old.body.id)
    expect(spec).toMatchObject({
      display_name: 'ci',
      owner: { id: serviceAccountId },
      secret: expect.stringMatching(/^\S{64}$/),
    })
    expect(await worksFor(old.body)).toBe(200)
    expect(await worksFor(rotated.body)).toBe(200)
    const expiresAt = Date.parse((await cloud.get(lifetime(old.body.id))).body.expires_at)
    expect(expiresAt - before).toBeGreaterThanOrEqual(600_000 - 1000)
    expect(expiresAt - Date.now()).toBeLessThanOrEqual(600_000)
    expect((await cloud.get(lifetime(newId))).body).toMatchObject({ expires_at: null })
  })

  it('at once, where there is no overlap; a key that is over stays over', async () => {
    const old = await cloud.post(keys, { spec: { owner: { id: serviceAccountId } } })
    const rotated = await cloud.post(`${lifetime(old.body.id)}:rotate`, { overlap_seconds: 0 })
    expect([await worksFor(old.body), await worksFor(rotated.body)]).toEqual([401, 200])
    const expiresAt = (await cloud.get(lifetime(old.body.id))).body.expires_at
    await cloud.post(`${lifetime(old.body.id)}:rotate`, { overlap_seconds: 600 })
    expect((await cloud.get(lifetime(old.body.id))).body.expires_at).toBe(expiresAt)
  })

  it('of a cluster, with a change of its access that carries both', async () => {
    const old = await cloud.post(keys, { spec: { owner: { id: serviceAccountId }, resource: { id: clusterId } } })
    const generation = await accessGeneration()
    const rotated = await cloud.post(`${lifetime(old.body.id)}:rotate`)
    expect(rotated.body.spec.resource.id).toBe(clusterId)
    expect(await accessGeneration()).toBeGreaterThan(generation)
    const rows = await prisma.apiKey.findMany({ where: { id: { in: [old.body.id, rotated.body.id] } } })
    expect(rows.every(({ revision }) => revision > 0n)).toBe(true)
    expect(rows.filter(({ expiresAt }) => expiresAt !== null).map(({ id }) => id)).toEqual([old.body.id])
  })

  it('expires when it was said to, and never again when that is taken back', async () => {
    const key = await cloud.post(keys, { spec: { owner: { id: serviceAccountId } } })
    const yesterday = new Date(Date.now() - 86_400_000).toISOString()
    const expired = await cloud.patch(lifetime(key.body.id), { expires_at: yesterday })
    expect(expired).toMatchObject({ status: 200, body: { expires_at: yesterday } })
    expect(await worksFor(key.body)).toBe(401)
    expect((await cloud.patch(lifetime(key.body.id), { expires_at: null })).body.expires_at).toBeNull()
    expect(await worksFor(key.body)).toBe(200)
  })

  it.each([
    [{ overlap_seconds: -1 }, 422, '/overlap_seconds'],
    [{ overlap_seconds: 1.5 }, 422, '/overlap_seconds'],
    [{ overlap_seconds: 1e9 }, 422, '/overlap_seconds'],
  ])('and not with %j', async (body, status, pointer) => {
    const key = await cloud.post(keys, { spec: { owner: { id: serviceAccountId } } })
    expect(refusal(await cloud.post(`${lifetime(key.body.id)}:rotate`, body))).toEqual([status, pointer])
    expect(refusal(await cloud.patch(lifetime(key.body.id), { expires_at: 'soon' }))).toEqual([422, '/expires_at'])
    expect((await cloud.get(lifetime(key.body.id))).body.expires_at).toBeNull()
  })

  it('and it is told when a key was last used', async () => {
    const key = await cloud.post(keys, { spec: { owner: { id: serviceAccountId } } })
    expect((await cloud.get(lifetime(key.body.id))).body.last_used_at).toBeNull()
    expect(await worksFor(key.body)).toBe(200)
    const used = await waitUntil(async () => (await cloud.get(lifetime(key.body.id))).body.last_used_at ?? undefined, {
      timeoutMs: 20_000,
      what: 'the use of the key to be written down',
    })
    expect(Math.abs(Date.now() - Date.parse(used))).toBeLessThan(60_000)
  })
})

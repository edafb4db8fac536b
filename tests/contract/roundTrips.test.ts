import type { ApiClient } from '@tributary/testkit/apiClient'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { done } from './answers.ts'
import { cases, displayName, someOf } from './generated.ts'
import { cloudResources, resourceName, type CloudResource } from './resources.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage
let cloud: ApiClient

beforeAll(async () => {
  stage = await setStage(inject('postgresUrl'))
  cloud = stage.organization.cloud
})
afterAll(() => stage.installation[Symbol.asyncDispose]())

const kinds = ['environment', 'service account', 'role binding', 'API key', 'Kafka cluster', 'client quota']
const fields = { display_name: fc.stringMatching(/^[A-Za-z0-9 ü.-]{0,30}[a-z]$/), jit_enabled: fc.constant(false) }
const changeable: [kind: string, path: () => string, changes: fc.Arbitrary<object>][] = [
  ['organization', () => `/org/v2/organizations/${stage.organization.organizationId}`, someOf(fields)],
  ['user', () => `/iam/v2/users/${stage.colleagueId}`, someOf({ full_name: displayName(128) })],
]

describe('what was sent is what is read afterwards', () => {
  it.each(kinds)('of a new %s, and of a changed one', async (kind) => {
    const resources = cloudResources(stage)
    expect(resources.map((each) => each.kind)).toEqual(kinds)
    const resource = resources.find((each) => each.kind === kind)
    if (resource !== undefined) await holdsForNewAndChanged(resource)
  })

  it.each(changeable)('of a changed %s', async (_kind, path, changes) => {
    const property = fc.asyncProperty(changes, async (change) => {
      const before = await done(200, cloud.get(path()))
      const changed = await done(200, cloud.patch(path(), change))
      expect(changed).toMatchObject({ ...before, ...change, metadata: expect.anything() })
      expect(await done(200, cloud.get(path()))).toEqual(changed)
    })
    await fc.assert(property, cases(15))
  })

  it('of a service quota', async () => {
    const id = 'iam.max_environments.per_org'
    const property = fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (applied_limit) => {
      const changed = await done(200, cloud.patch(`/tributary/v1/service-quotas/${id}`, { applied_limit }))
      expect(changed).toMatchObject({ applied_limit })
      expect(await done(200, cloud.get(`/service-quota/v1/applied-quotas/${id}`))).toEqual(changed)
    })
    await fc.assert(property, cases(10))
  })

  it('of the end of an API key', async () => {
    const owner = { id: stage.serviceAccountId }
    const { id } = await done(202, cloud.post('/iam/v2/api-keys', { spec: { owner } }))
    const path = `/tributary/v1/api-keys/${id}`
    const time = fc.date({ min: new Date('2100-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
    const property = fc.asyncProperty(fc.option(time), async (date) => {
      const expires_at = date?.toISOString() ?? null
      const changed = await done(200, cloud.patch(path, { expires_at }))
      expect(changed).toMatchObject({ expires_at })
      expect(await done(200, cloud.get(path))).toEqual(changed)
    })
    await fc.assert(property, cases(10))
  })
})

async function holdsForNewAndChanged({ collection, status, body, change, query = '' }: CloudResource) {
  const property = fc.asyncProperty(body, change ?? fc.constant(undefined), async (sent, changes) => {
    const made = await done(status, cloud.post(collection, sent))
    const path = `${collection}/${made.id}`
    try {
      const read = await done(200, cloud.get(`${path}${query}`))
      expect(read).toMatchObject(sent)
      expect(read).toEqual(withoutSecret(made))
      if (changes === undefined) return
      const changed = await done(200, cloud.patch(path, changes))
      expect(changed).toMatchObject(merged(sent, changes))
      expect(await done(200, cloud.get(`${path}${query}`))).toEqual(changed)
    } finally {
      await cloud.delete(`${path}${query}`)
    }
  })
  await fc.assert(property, cases(12))
}

/** A secret is shown once. */
function withoutSecret(made: { spec?: { secret?: string } }): object {
  if (made.spec?.secret === undefined) return made
  const { secret: _, ...spec } = made.spec
  return { ...made, spec }
}

const merged = (sent: object, changes: object): object =>
  'spec' in sent && 'spec' in changes
    ? { spec: { ...(sent.spec as object), ...(changes.spec as object) } }
    : { ...sent, ...changes }

const settings = {
  'retention.ms': fc.integer({ min: 1, max: 2 ** 31 }).map(String),
  'max.message.bytes': fc.integer({ min: 1, max: 8_000_000 }).map(String),
  'cleanup.policy': fc.constantFrom('compact', 'delete'),
}
const root = () => `/kafka/v3/clusters/${stage.cluster.id}`

describe('what was sent to Kafka REST is what is read afterwards', () => {
  it('of a new topic, and of a changed one', async () => {
    const { rest } = stage.login
    const partitions = fc.integer({ min: 1, max: 3 })
    const property = fc.asyncProperty(
      resourceName(249),
      partitions,
      someOf(settings),
      someOf(settings),
      async (topic_name, partitions_count, first, second) => {
        const configs = entries(first)
        const sent = { topic_name, partitions_count }
        const made = await done(201, rest.post(`${root()}/topics`, { ...sent, configs }))
        const path = `${root()}/topics/${topic_name}`
        expect(await done(200, rest.get(path))).toEqual(made)
        expect(made).toMatchObject(sent)
        expect(await configsOf(path)).toMatchObject(first)

        await done(204, rest.post(`${path}/configs:alter`, { data: entries(second) }))
        expect(await configsOf(path)).toMatchObject({ ...first, ...second })
        for (const { name, value } of configs) {
          await done(204, rest.request('PUT', `${path}/configs/${name}`, { body: { value } }))
          expect(await done(200, rest.get(`${path}/configs/${name}`))).toMatchObject({ name, value })
        }
        const grown = { partitions_count: partitions_count + 1 }
        expect(await done(200, rest.patch(path, grown))).toMatchObject(grown)
        expect(await done(200, rest.get(path))).toMatchObject({ ...sent, ...grown })
        await done(204, rest.delete(path))
      },
    )
    await fc.assert(property, cases(6))
  })

  it('of an ACL', async () => {
    const { rest } = stage.login
    const acl = fc.record({
      resource_type: fc.constantFrom('TOPIC', 'GROUP'),
      resource_name: resourceName(100),
      pattern_type: fc.constantFrom('LITERAL', 'PREFIXED'),
      principal: fc.constantFrom(`User:${stage.serviceAccountId}`, 'User:*'),
      host: fc.oneof(fc.constant('*'), fc.ipV4()),
      operation: fc.constantFrom('READ', 'DESCRIBE', 'DELETE', 'ALL'),
      permission: fc.constantFrom('ALLOW', 'DENY'),
    })
    const property = fc.asyncProperty(acl, async (sent) => {
      const path = `${root()}/acls?${new URLSearchParams(sent).toString()}`
      await done(201, rest.post(`${root()}/acls`, sent))
      const { data } = await done(200, rest.get(path))
      expect(data).toEqual([expect.objectContaining(sent)])
      expect((await done(200, rest.delete(path))).data).toEqual(data)
      expect((await done(200, rest.get(path))).data).toEqual([])
    })
    await fc.assert(property, cases(8))
  })
})

const entries = (configs: object) => Object.entries(configs).map(([name, value]) => ({ name, value: String(value) }))

async function configsOf(topic: string): Promise<Record<string, string>> {
  const { data } = await done(200, stage.login.rest.get(`${topic}/configs`))
  return Object.fromEntries(data.map(({ name, value }: { name: string; value: string }) => [name, value]))
}

import { randomUUID } from 'node:crypto'
import { loadFormation } from '@tributary/control/kafkaClusters/formation'
import { controlPlaneConnection } from '@tributary/control/kafkaClusters/controlPlaneConnection'
import { openInstallation } from '@tributary/control/openInstallation'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { ownersBrokerConfigNames } from '@tributary/domain/kafkaConfiguration/brokerConfigs'
import { alterBrokerConfigs, describeBrokerConfigs } from '@tributary/kafka/brokerConfigs'
import { describeClientQuotas, removeClientQuotas, setClientQuotas } from '@tributary/kafka/clientQuotas'
import type { KafkaConnection } from '@tributary/kafka/connection'
import { waitUntil } from '@tributary/kit/waitUntil'
import { ApiClient } from '@tributary/testkit/apiClient'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation
let prisma: Prisma
let organization: Organization
let cluster: ProvisionedCluster
let inside: KafkaConnection
let accounts: string[]
let owner: ApiClient

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 1 })
  organization = await installation.createOrganization()
  const make = (display_name: string) => organization.cloud.post('/iam/v2/service-accounts', { display_name })
  accounts = (await Promise.all(['a', 'b'].map(make))).map(({ body }) => body.id as string)
  cluster = await createCluster(organization)
  const formation = await loadFormation(cluster.id, {
    prisma,
    installation: await openInstallation(installation.home),
  })
  if (formation === undefined) throw new Error('not formed')
  inside = await controlPlaneConnection(cluster.id, formation)
  owner = (await createClusterKey(installation, organization, cluster)).rest
})
afterAll(async () => {
  await prisma.$disconnect()
  await installation[Symbol.asyncDispose]()
})

const quotas = '/kafka-quotas/v1/client-quotas'
const throughput = (ingress: number, egress: number) => ({
  throughput: { ingress_byte_rate: String(ingress), egress_byte_rate: String(egress) },
})
const createQuota = async (principals: readonly string[], ingress: number, egress: number): Promise<string> => {
  const answer = await organization.cloud.post(quotas, {
    spec: {
      display_name: 'a quota',
      ...throughput(ingress, egress),
      principals: principals.map((id) => ({ id })),
      cluster: { id: cluster.id },
      environment: { id: organization.environmentId },
    },
  })
  expect(answer.status).toBe(202)
  return `${quotas}/${answer.body.id}`
}

/** What brokers hold, by user; the default is `<default>`, and a quota of a client has the client's id behind. */
const heldByAll = async () =>
  (await describeClientQuotas(inside)).map(
    ({ entity: { user, clientId }, rates }) =>
      [`${user ?? '<default>'}${clientId === undefined ? '' : `/${clientId}`}`, rates] as const,
  )
/** Users named after the cluster are brokers and the control plane. */
const isOwn = (user: string) => user.startsWith(cluster.id)
const held = async () => Object.fromEntries((await heldByAll()).filter(([user]) => !isOwn(user)))
const heldByItself = async () => Object.fromEntries((await heldByAll()).filter(([user]) => isOwn(user)))
const becomes = async (expected: object, read: () => Promise<object> = held) => {
  const deadline = { timeoutMs: 10_000, everyMs: 50, what: `brokers to hold ${JSON.stringify(expected)}` }
  await waitUntil(async () => {
    const found = await read()
    return sorted(found) === sorted(expected)
  }, deadline)
}
const sorted = (value: object): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
const rates = (producer_byte_rate: number, consumer_byte_rate: number) => ({ producer_byte_rate, consumer_byte_rate })

const part = () => ({ kind_id: { kind: 'kafka-configuration', id: cluster.id } })
/** The worker has looked for the last time: what is changed inside Kafka from now on stays until the next check. */
const settled = () =>
  waitUntil(
    async () => {
      const { generation, observedGeneration } = await prisma.resource.findUniqueOrThrow({ where: part() })
      return generation === observedGeneration
    },
    { timeoutMs: 10_000, everyMs: 20, what: 'the configuration to be settled' },
  )
/** As when the time of the next check has come. */
const check = () => prisma.resource.update({ where: part(), data: { nextCheckAt: new Date(0) } })

describe('client quotas are what brokers hold principals to', () => {
  it('from their creation through each change to their end', async () => {
    const [a = '', b = ''] = accounts
    const path = await createQuota([a, b], 1_048_576, 2_097_152)
    await becomes({ [a]: rates(1_048_576, 2_097_152), [b]: rates(1_048_576, 2_097_152) })
    const fewer = { ...throughput(1000, 2000), principals: [{ id: b }] }
    expect((await organization.cloud.patch(path, { spec: fewer })).status).toBe(200)
    await becomes({ [b]: rates(1000, 2000) })
    expect((await organization.cloud.delete(path)).status).toBe(204)
    await becomes({})
  })

  it('everyone else gets the default, but neither the brokers nor the control plane', async () => {
    const unlimited = rates(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    await becomes({ [cluster.id]: unlimited, [`${cluster.id}-1`]: unlimited }, heldByItself)
    const path = await createQuota(['<default>'], 1, 1)
    await becomes({ '<default>': rates(1, 1) })
    // Published by the control plane and read by the brokers' plugin, both of them users to Kafka.
    await createClusterKey(installation, organization, cluster)
    expect((await organization.cloud.delete(path)).status).toBe(204)
    await becomes({})
  })

  it('what somebody changed inside Kafka is put right at the next check', async () => {
    const [a = '', b = ''] = accounts
    const path = await createQuota([a], 1000, 2000)
    await becomes({ [a]: rates(1000, 2000) })
    await settled()
    // A look that was under way may put it right at once: then it is changed again.
    const changed = async () => {
      await setClientQuotas(inside, [
        { entity: { user: a }, rates: { producer_byte_rate: 9e9, request_percentage: 1 } },
        { entity: { user: a, clientId: 'mine' }, rates: { producer_byte_rate: 9e9 } },
        { entity: { user: b }, rates: { consumer_byte_rate: 1 } },
        // Large: it counts for the brokers' plugin too, which nobody exempted from this one.
        { entity: { user: null }, rates: { consumer_byte_rate: 9e9 } },
      ])
      await removeClientQuotas(inside, [{ entity: { user: a }, names: ['consumer_byte_rate'] }])
      return held()
    }
    await becomes(
      {
        [a]: { producer_byte_rate: 9e9, request_percentage: 1 },
        [`${a}/mine`]: { producer_byte_rate: 9e9 },
        [b]: { consumer_byte_rate: 1 },
        '<default>': { consumer_byte_rate: 9e9 },
      },
      changed,
    )
    await check()
    await becomes({ [a]: rates(1000, 2000) })
    expect((await organization.cloud.delete(path)).status).toBe(204)
    await becomes({})
  })

  it('the largest rate there is is one that Kafka takes', async () => {
    const [a = ''] = accounts
    const answer = await organization.cloud.post(quotas, {
      spec: {
        display_name: 'the largest',
        throughput: { ingress_byte_rate: '9223372036854775807', egress_byte_rate: '1' },
        principals: [{ id: a }],
        cluster: { id: cluster.id },
        environment: { id: organization.environmentId },
      },
    })
    await becomes({ [a]: rates(2 ** 63, 1) })
    expect((await organization.cloud.delete(`/iam/v2/service-accounts/${a}`)).status).toBe(204)
    await becomes({})
    expect((await organization.cloud.get(`${quotas}/${answer.body.id}`)).status).toBe(404)
  })
})

const configs = () => `/kafka/v3/clusters/${cluster.id}/broker-configs`
const retention = () => `${configs()}/log.retention.ms`
const put = (client: ApiClient, path: string, value: unknown) => client.request('PUT', path, { body: { value } })
const alter = (data: object[], more: object = {}) => owner.post(`${configs()}:alter`, { data, ...more })
const inKafka = () => describeBrokerConfigs(inside, ownersBrokerConfigNames)
const refused = (code: number, message: RegExp) => ({
  status: Math.trunc(code / 100),
  body: { error_code: code, message: expect.stringMatching(message) },
})

describe('broker configs that are the owner’s to choose', () => {
  it('are read as they were set by the time of the answer, and have their default again when they are deleted', async () => {
    expect((await put(owner, retention(), ' 3600000 ')).status).toBe(204)
    const set = { value: '3600000', source: 'DYNAMIC_DEFAULT_BROKER_CONFIG', is_default: false }
    expect((await owner.get(retention())).body).toMatchObject(set)
    expect((await put(owner, retention(), '7200000')).status).toBe(204)
    expect((await owner.get(retention())).body.value).toBe('7200000')
    for (const _ of ['set', 'not set']) expect((await owner.delete(retention())).status).toBe(204)
    expect((await owner.get(retention())).body.source).not.toBe('DYNAMIC_DEFAULT_BROKER_CONFIG')
    expect(await inKafka()).toEqual({})
  })

  it('change together or not at all', async () => {
    const size = { name: 'message.max.bytes', value: '2097152' }
    const both = [size, { name: 'compression.type', value: 'zstd' }]
    expect((await alter(both, { validate_only: true })).status).toBe(204)
    expect(await inKafka()).toEqual({})
    expect((await alter(both)).status).toBe(204)
    expect(await inKafka()).toEqual({ 'message.max.bytes': '2097152', 'compression.type': 'zstd' })
    const half = [
      { name: 'compression.type', operation: 'DELETE' },
      { name: 'log.retention.ms', value: 'soon' },
    ]
    expect(await alter(half)).toMatchObject(refused(40002, /log\.retention\.ms/))
    expect(Object.keys(await inKafka())).toHaveLength(2)
    const none = both.map(({ name }) => ({ name, operation: 'DELETE' }))
    expect((await alter(none)).status).toBe(204)
    expect(await inKafka()).toEqual({})
  })

  it('are repeated under an Idempotency-Key, and are carried out once the answer is given', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const body = { data: [{ name: 'log.retention.bytes', value: '1000000' }] }
    for (const _ of ['once', 'again']) expect((await owner.post(`${configs()}:alter`, body, headers)).status).toBe(204)
    await becomes({ 'log.retention.bytes': '1000000' }, inKafka)
    expect((await owner.delete(`${configs()}/log.retention.bytes`)).status).toBe(204)
  })

  it.each([
    ['log.retention.ms', 'soon', 40002, /not a number/i],
    ['compression.type', 'best', 40002, /must be one of/i],
    ['message.max.bytes', '1000', 40002, /1048588/],
    ['message.max.bytes', '1000000000', 40002, /20971520/],
    ['num.partitions', '3', 40301, /control plane.*log\.retention\.ms/],
    ['listeners', 'EXTERNAL://:1', 40301, /control plane/],
    ['constructor', '1', 40301, /control plane/],
  ])('%s is not set to %s', async (name, value, code, message) => {
    const before = await prisma.resource.findUniqueOrThrow({ where: part() })
    expect(await put(owner, `${configs()}/${name}`, value)).toMatchObject(refused(code, message))
    const { generation } = await prisma.resource.findUniqueOrThrow({ where: part() })
    expect(generation).toBe(before.generation)
    expect(await inKafka()).toEqual({})
  })

  it('are changed by who may change the cluster, whoever it is', async () => {
    const { email, password, cloud } = organization
    const session = await new ApiClient(installation.endpoint).post('/api/sessions', { email, password })
    const signedIn = ApiClient.withToken(installation.endpoint, session.body.token)
    const access = await signedIn.post('/api/access_tokens', {})
    const person = ApiClient.withToken(installation.endpoint, access.body.token)
    expect((await put(person, retention(), '1000000')).status).toBe(204)
    expect((await person.delete(retention())).status).toBe(204)
    const [, b = ''] = accounts
    const nobody = await createClusterKey(installation, organization, cluster, b)
    expect(await put(nobody.rest, retention(), '1000000')).toMatchObject(refused(40301, /may not/))
    expect(await put(cloud, retention(), '1000000')).toMatchObject({ status: 401 })
    expect(await inKafka()).toEqual({})
  })

  it('are taken back where somebody set them inside Kafka', async () => {
    await settled()
    await alterBrokerConfigs(inside, { 'log.retention.ms': '3600000' }, { validateOnly: false })
    await becomes({ 'log.retention.ms': '3600000' }, inKafka)
    await check()
    await becomes({}, inKafka)
    expect((await owner.get(retention())).body.source).not.toBe('DYNAMIC_DEFAULT_BROKER_CONFIG')
  })
})

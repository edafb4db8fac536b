import { loadFormation } from '@tributary/control/kafkaClusters/formation'
import { controlPlaneConnection } from '@tributary/control/kafkaClusters/controlPlaneConnection'
import { openInstallation } from '@tributary/control/openInstallation'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { alterBrokerConfigs, describeBrokerConfigs } from '@tributary/kafka/brokerConfigs'
import { describeClientQuotas, removeClientQuotas, setClientQuotas } from '@tributary/kafka/clientQuotas'
import type { KafkaConnection } from '@tributary/kafka/connection'
import { waitUntil } from '@tributary/kit/waitUntil'
import { createCluster, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation
let prisma: Prisma
let organization: Organization
let cluster: ProvisionedCluster
let inside: KafkaConnection
let accounts: string[]

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
const held = async () =>
  Object.fromEntries(
    (await describeClientQuotas(inside)).map(({ entity: { user, clientId }, rates }) => [
      `${user ?? '<default>'}${clientId === undefined ? '' : `/${clientId}`}`,
      rates,
    ]),
  )
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

/** As when the time of the next check has come. */
const check = () =>
  prisma.resource.update({
    where: { kind_id: { kind: 'kafka-configuration', id: cluster.id } },
    data: { nextCheckAt: new Date(0) },
  })

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
    const path = await createQuota(['<default>'], 5000, 6000)
    const unlimited = rates(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    await becomes({ '<default>': rates(5000, 6000), [cluster.id]: unlimited, [`${cluster.id}-1`]: unlimited })
    expect((await organization.cloud.delete(path)).status).toBe(204)
    await becomes({})
  })

  it('what somebody changed inside Kafka is put right at the next check', async () => {
    const [a = '', b = ''] = accounts
    const path = await createQuota([a], 1000, 2000)
    await becomes({ [a]: rates(1000, 2000) })
    await setClientQuotas(inside, [
      { entity: { user: a }, rates: { producer_byte_rate: 9e9, request_percentage: 1 } },
      { entity: { user: a, clientId: 'mine' }, rates: { producer_byte_rate: 9e9 } },
      { entity: { user: b }, rates: { consumer_byte_rate: 1 } },
      { entity: { user: null }, rates: { consumer_byte_rate: 1 } },
    ])
    await removeClientQuotas(inside, [{ entity: { user: a }, names: ['consumer_byte_rate'] }])
    await becomes({
      [a]: { producer_byte_rate: 9e9, request_percentage: 1 },
      [`${a}/mine`]: { producer_byte_rate: 9e9 },
      [b]: { consumer_byte_rate: 1 },
      '<default>': { consumer_byte_rate: 1 },
    })
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

describe('broker configs', () => {
  it('that somebody set inside Kafka are taken back', async () => {
    const read = () => describeBrokerConfigs(inside, ['log.retention.ms'])
    await alterBrokerConfigs(inside, { 'log.retention.ms': '3600000' }, { validateOnly: false })
    await becomes({ 'log.retention.ms': '3600000' }, read)
    await check()
    await becomes({}, read)
    expect(await held()).toEqual({})
  })
})

import { readFile } from 'node:fs/promises'
import { AdminPool } from '@tributary/kafka/adminPool'
import type { KafkaConnection } from '@tributary/kafka/connection'
import { listTopics } from '@tributary/kafka/topics'
import { ApiClient, type ApiAnswer } from '@tributary/testkit/apiClient'
import { clusterSpec, createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { startTcpProxy } from '@tributary/testkit/tcpProxy'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let root: string
let admin: KafkaLogin & { rest: ApiClient }
let nobody: KafkaLogin & { rest: ApiClient }

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  organization = await installation.createOrganization()
  cluster = await createCluster(organization)
  root = `/kafka/v3/clusters/${cluster.id}`
  const account = await organization.cloud.post('/iam/v2/service-accounts', { display_name: 'nobody' })
  admin = await createClusterKey(installation, organization, cluster)
  nobody = await createClusterKey(installation, organization, cluster, account.body.id)
})
afterAll(() => installation[Symbol.asyncDispose]())

const refusal = (status: number, code: number, message: RegExp = /./) => ({
  status,
  body: { error_code: code, message: expect.stringMatching(message) },
})

/** A topic of the test's own. */
async function topicOf(name: string, fields: object = {}): Promise<string> {
  const created = await admin.rest.post(`${root}/topics`, { topic_name: name, partitions_count: 2, ...fields })
  expect(created).toMatchObject({ status: 201, body: { topic_name: name } })
  return `${root}/topics/${name}`
}

const configs = async (topic: string): Promise<Map<string, Record<string, unknown>>> =>
  new Map((await admin.rest.get(`${topic}/configs`)).body.data.map((config: { name: string }) => [config.name, config]))

describe('a topic is what was asked for', () => {
  it('as soon as it is made, changed or deleted', async () => {
    const topic = await topicOf('short-lived', { configs: [{ name: 'retention.ms', value: '1000' }] })
    expect(await admin.rest.get(topic)).toMatchObject({ status: 200, body: { partitions_count: 2 } })
    const grown = await admin.rest.patch(topic, { partitions_count: 5 })
    expect(grown).toMatchObject({ status: 200, body: { kind: 'KafkaTopic', partitions_count: 5 } })
    expect((await admin.rest.get(topic)).body).toEqual(grown.body)
    expect(await admin.rest.delete(topic)).toMatchObject({ status: 204, text: '' })
    expect(await admin.rest.get(topic)).toMatchObject(refusal(404, 40403))
    expect(await admin.rest.delete(topic)).toMatchObject(refusal(404, 40403))
    expect(await admin.rest.patch(topic, { partitions_count: 6 })).toMatchObject(refusal(404, 40403))
  })

  it.each([5, 4])('and never has fewer partitions than it had: %i of 5', async (partitions_count) => {
    const topic = await topicOf(`shrinks-to-${partitions_count}`, { partitions_count: 5 })
    expect(await admin.rest.patch(topic, { partitions_count })).toMatchObject(refusal(400, 40002, /5 partition/))
    expect((await admin.rest.get(topic)).body.partitions_count).toBe(5)
  })

  it.each([0, -1, 1.5, '6', null, 2 ** 31])('and a count of %j changes nothing', async (partitions_count) => {
    const topic = `${root}/topics/shrinks-to-5`
    expect(await admin.rest.patch(topic, { partitions_count })).toMatchObject(refusal(400, 400, /partitions_count/))
    expect((await admin.rest.get(topic)).body.partitions_count).toBe(5)
  })

  it('and what is only tried out is made by nobody', async () => {
    const draft = { topic_name: 'draft', partitions_count: 7, validate_only: true }
    const tried = await admin.rest.post(`${root}/topics`, draft)
    expect(tried).toMatchObject({ status: 200, body: { kind: 'KafkaTopic', topic_name: 'draft', partitions_count: 7 } })
    expect(await admin.rest.get(`${root}/topics/draft`)).toMatchObject(refusal(404, 40403))
    const refused = await admin.rest.post(`${root}/topics`, { ...draft, replication_factor: 3 })
    expect(refused).toMatchObject(refusal(400, 40002, /replication factor/i))
    expect(await nobody.rest.post(`${root}/topics`, draft)).toMatchObject(refusal(403, 40301))
  })

  it('and of several who make it at once one does', async () => {
    const attempts = Array.from({ length: 4 }, () => admin.rest.post(`${root}/topics`, { topic_name: 'contended' }))
    const statuses = (await Promise.all(attempts)).map(({ status }) => status)
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 400, 400, 400])
  })

  it('and several that change at once all do', async () => {
    const topics = await Promise.all(['grows-a', 'grows-b', 'grows-c'].map((name) => topicOf(name)))
    const grown = await Promise.all(topics.map((topic) => admin.rest.patch(topic, { partitions_count: 3 })))
    expect(grown.map(({ status }) => status)).toEqual([200, 200, 200])
    const seen = await Promise.all(topics.map((topic) => admin.rest.get(topic)))
    expect(seen.map(({ body }) => body.partitions_count)).toEqual([3, 3, 3])
  })

  it('and says on request what the key may do with it', async () => {
    const topic = await topicOf('described')
    const asked = (flag: string) => admin.rest.get(`${topic}?include_authorized_operations=${flag}`)
    expect((await asked('false')).body.authorized_operations).toEqual([])
    expect((await asked('true')).body.authorized_operations).toEqual(
      expect.arrayContaining(['READ', 'WRITE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS']),
    )
    expect(await asked('perhaps')).toMatchObject(refusal(400, 400, /include_authorized_operations/))
  })

  it('and is changed by nobody who may not', async () => {
    const topic = await topicOf('guarded')
    for (const answer of [
      await nobody.rest.get(topic),
      await nobody.rest.patch(topic, { partitions_count: 9 }),
      await nobody.rest.delete(topic),
      await nobody.rest.get(`${topic}/configs`),
      await nobody.rest.get(`${topic}/partitions`),
      await nobody.rest.request('PUT', `${topic}/configs/retention.ms`, { body: { value: '1' } }),
      await nobody.rest.delete(`${topic}/configs/retention.ms`),
      await nobody.rest.post(`${topic}/configs:alter`, { data: [] }),
    ]) {
      expect(answer).toMatchObject(refusal(403, 40301))
    }
    expect((await admin.rest.get(topic)).body.partitions_count).toBe(2)
  })
})

const valuesOf = ({ body }: ApiAnswer) =>
  body.data.map(({ name, value, source }: Record<string, string>) => `${name}=${value} ${source}`).toSorted()

describe('a config of a topic says where its value comes from', () => {
  it('and has all that the document wants', async () => {
    const topic = await topicOf('configured', { configs: [{ name: 'cleanup.policy', value: 'compact' }] })
    const self = `${installation.endpoint}${topic}/configs/cleanup.policy`
    const one = await admin.rest.get(`${topic}/configs/cleanup.policy`)
    expect(one.body).toEqual({
      kind: 'KafkaTopicConfig',
      metadata: { self, resource_name: `crn:///kafka=${cluster.id}/topic=configured/config=cleanup.policy` },
      cluster_id: cluster.id,
      topic_name: 'configured',
      name: 'cleanup.policy',
      value: 'compact',
      is_default: false,
      is_read_only: false,
      is_sensitive: false,
      source: 'DYNAMIC_TOPIC_CONFIG',
      synonyms: [
        { name: 'cleanup.policy', value: 'compact', source: 'DYNAMIC_TOPIC_CONFIG' },
        { name: 'log.cleanup.policy', value: 'delete', source: 'DEFAULT_CONFIG' },
      ],
    })
    const all = await configs(topic)
    expect(all.get('cleanup.policy')).toEqual(one.body)
    expect(all.size).toBeGreaterThan(20)
    const own = [...all.values()].filter(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG')
    expect(own).toEqual([one.body])
    for (const { is_default, source } of all.values()) expect(is_default).toBe(source === 'DEFAULT_CONFIG')
  })

  it('and is set, and given its default again', async () => {
    const topic = await topicOf('reset')
    const retention = `${topic}/configs/retention.ms`
    expect(await admin.rest.request('PUT', retention, { body: { value: '3600000' } })).toMatchObject({ status: 204 })
    const set = await admin.rest.get(retention)
    expect(set.body).toMatchObject({ value: '3600000', source: 'DYNAMIC_TOPIC_CONFIG', is_default: false })
    expect(await admin.rest.delete(retention)).toMatchObject({ status: 204 })
    expect((await admin.rest.get(retention)).body).toMatchObject({ value: '604800000', is_default: true })
    expect(await admin.rest.delete(retention)).toMatchObject({ status: 204 })
  })

  it('and several change together', async () => {
    const topic = await topicOf('altered', { configs: [{ name: 'cleanup.policy', value: 'compact' }] })
    const data = [
      { name: 'cleanup.policy', operation: 'DELETE' },
      { name: 'retention.ms', value: '60000', operation: 'SET' },
      { name: 'max.message.bytes', value: '2000', operation: null },
    ]
    expect(await admin.rest.post(`${topic}/configs:alter`, { data, validate_only: true })).toMatchObject({
      status: 204,
    })
    expect((await configs(topic)).get('cleanup.policy')).toMatchObject({ value: 'compact' })
    expect(await admin.rest.post(`${topic}/configs:alter`, { data })).toMatchObject({ status: 204, text: '' })
    const after = await configs(topic)
    expect(after.get('cleanup.policy')).toMatchObject({ value: 'delete', source: 'DEFAULT_CONFIG' })
    expect(after.get('retention.ms')).toMatchObject({ value: '60000', source: 'DYNAMIC_TOPIC_CONFIG' })
    expect(after.get('max.message.bytes')).toMatchObject({ value: '2000', source: 'DYNAMIC_TOPIC_CONFIG' })
    const described = await runKafkaTool(admin, 'TopicCommand', ['--describe', '--topic', 'altered'])
    expect(described.stdout).toMatch(/Configs: .*retention\.ms=60000/)
  })

  const changes: [data: unknown, code: number, message: RegExp][] = [
    [[{ name: 'retention.mz', value: '1' }], 40002, /retention\.mz/],
    [[{ name: 'retention.mz', operation: 'DELETE' }], 40002, /retention\.mz/],
    [[{ name: 'retention.ms', value: 'soon' }], 40002, /retention\.ms/],
    [[{ name: 'retention.ms', value: '-5' }], 40002, /retention\.ms/],
    [[{ name: 'retention.ms', value: null }], 400, /data\.0\.value/],
    [[{ name: 'retention.ms' }], 400, /data\.0\.value/],
    [[{ name: 'retention.ms', value: 5 }], 400, /data\.0\.value/],
    [[{ name: 'retention.ms', value: '5', operation: 'APPEND' }], 400, /data\.0\.operation/],
    [[{ value: '5' }], 400, /data\.0\.name/],
    [
      [
        { name: 'retention.ms', value: '5' },
        { name: 'retention.ms', value: '6' },
      ],
      40002,
      /retention\.ms|uplicate/,
    ],
    ['retention.ms', 400, /data/],
    [undefined, 400, /data/],
  ]
  it.each(changes)('and with one of %j wrong none changes', async (data, code, message) => {
    const good = { name: 'cleanup.policy', value: 'compact' }
    const topic = `${root}/topics/reset`
    const body = { data: Array.isArray(data) ? [...data, good] : data }
    expect(await admin.rest.post(`${topic}/configs:alter`, body)).toMatchObject(refusal(400, code, message))
    const after = [...(await configs(topic)).values()]
    expect(after.filter(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG')).toEqual([])
  })

  it('and one that does not exist is a 404 that names it', async () => {
    const missing = `${root}/topics/reset/configs/retention.mz`
    expect(await admin.rest.get(missing)).toMatchObject(refusal(404, 40403, /retention\.mz/))
    expect(await admin.rest.delete(missing)).toMatchObject(refusal(404, 40403, /retention\.mz/))
    const set = (path: string, body: object) => admin.rest.request('PUT', path, { body })
    expect(await set(missing, { value: '1' })).toMatchObject(refusal(404, 40403, /retention\.mz/))
    const retention = `${root}/topics/reset/configs/retention.ms`
    expect(await set(retention, { value: 'soon' })).toMatchObject(refusal(400, 40002, /retention\.ms/))
    expect(await set(retention, {})).toMatchObject(refusal(400, 400, /value/))
  })

  it('and a topic that does not exist has none', async () => {
    const missing = `${root}/topics/missing`
    for (const answer of [
      await admin.rest.get(`${missing}/configs`),
      await admin.rest.get(`${missing}/configs/retention.ms`),
      await admin.rest.request('PUT', `${missing}/configs/retention.ms`, { body: { value: '1' } }),
      await admin.rest.post(`${missing}/configs:alter`, { data: [{ name: 'retention.ms', value: '1' }] }),
      await admin.rest.get(`${missing}/partitions`),
      await admin.rest.get(`${missing}/partitions/0`),
    ]) {
      expect(answer).toMatchObject(refusal(404, 40403))
    }
  })

  it('and all of all topics can be had at once', async () => {
    const all = await admin.rest.get(`${root}/topics/-/configs`)
    expect(all.body).toMatchObject({ kind: 'KafkaTopicConfigList', metadata: { next: null } })
    const names = new Set(all.body.data.map(({ topic_name }: { topic_name: string }) => topic_name))
    expect(names).toEqual(new Set(await topicNames(admin.rest)))
    const own = all.body.data.filter(({ topic_name }: { topic_name: string }) => topic_name === 'configured')
    expect(own).toEqual([...(await configs(`${root}/topics/configured`)).values()])
    expect((await nobody.rest.get(`${root}/topics/-/configs`)).body.data).toEqual([])
  })

  it('and the defaults are those of a new topic, whether there is one or not', async () => {
    const present = await admin.rest.get(`${root}/topics/configured/default-configs`)
    const absent = await admin.rest.get(`${root}/topics/not-yet/default-configs`)
    expect(present.body).toMatchObject({ kind: 'KafkaTopicConfigList' })
    expect(valuesOf(present)).toContainEqual('cleanup.policy=delete DEFAULT_CONFIG')
    expect(valuesOf(absent)).toEqual(valuesOf(present))
    expect(await topicNames(admin.rest)).not.toContain('not-yet')
  })
})

const topicNames = async (rest: ApiClient): Promise<string[]> =>
  (await rest.get(`${root}/topics`)).body.data.map(({ topic_name }: { topic_name: string }) => topic_name)

describe('a partition', () => {
  it('leads to its replicas', async () => {
    const topic = await topicOf('parted', { partitions_count: 3 })
    const list = await admin.rest.get(`${topic}/partitions`)
    const self = `${installation.endpoint}${topic}/partitions`
    expect(list.body).toMatchObject({ kind: 'KafkaPartitionList', metadata: { self, next: null } })
    expect(list.body.data.map(({ partition_id }: { partition_id: number }) => partition_id)).toEqual([0, 1, 2])
    const one = await admin.rest.get(`${topic}/partitions/1`)
    expect(one.body).toEqual({
      kind: 'KafkaPartition',
      metadata: { self: `${self}/1`, resource_name: `crn:///kafka=${cluster.id}/topic=parted/partition=1` },
      cluster_id: cluster.id,
      topic_name: 'parted',
      partition_id: 1,
      leader: { related: `${self}/1/replicas/1` },
      replicas: { related: `${self}/1/replicas` },
      reassignment: { related: `${self}/1/reassignment` },
    })
    expect(list.body.data[1]).toEqual(one.body)
    expect(await admin.rest.get(`${topic}/partitions/3`)).toMatchObject(refusal(404, 40403, /3/))
    expect(await admin.rest.get(`${topic}/partitions/x`)).toMatchObject(refusal(404, 404))
  })
})

describe('the configs of all brokers together', () => {
  it('are listed where they were set, and read whether they were or not', async () => {
    const list = await admin.rest.get(`${root}/broker-configs`)
    const self = `${installation.endpoint}${root}/broker-configs`
    expect(list.body).toMatchObject({ kind: 'KafkaClusterConfigList', metadata: { self, next: null } })
    // Kafka itself sets this one in every new cluster.
    const source = 'DYNAMIC_DEFAULT_BROKER_CONFIG'
    const name = 'min.insync.replicas'
    expect(list.body.data).toEqual([
      expect.objectContaining({ kind: 'KafkaClusterConfig', name, value: '1', source, is_default: false }),
    ])
    expect(list.body.data[0].synonyms).toEqual([
      { name, value: '1', source },
      { name, value: '1', source: 'STATIC_BROKER_CONFIG' },
      { name, value: '1', source: 'DEFAULT_CONFIG' },
    ])
    expect((await admin.rest.get(`${root}/broker-configs/${name}`)).body).toEqual(list.body.data[0])
    const one = await admin.rest.get(`${root}/broker-configs/log.retention.ms`)
    expect(one).toMatchObject({
      status: 200,
      body: {
        kind: 'KafkaClusterConfig',
        metadata: { resource_name: `crn:///kafka=${cluster.id}/broker-config=log.retention.ms` },
        cluster_id: cluster.id,
        config_type: 'BROKER',
        name: 'log.retention.ms',
        value: null,
      },
    })
    expect(await admin.rest.get(`${root}/broker-configs/no.such`)).toMatchObject(refusal(404, 40403, /no\.such/))
    expect(await nobody.rest.get(`${root}/broker-configs`)).toMatchObject(refusal(403, 40301))
  })

  it('and a secret among them is told nobody', async () => {
    const secret = await admin.rest.get(`${root}/broker-configs/ssl.key.password`)
    expect(secret.body).toMatchObject({ is_sensitive: true, value: null })
    for (const { value } of secret.body.synonyms) expect(value).toBeNull()
  })
})

describe('a cluster opens to its own organization alone', () => {
  let foreign: string
  beforeAll(async () => {
    const stranger = await installation.createOrganization()
    foreign = (await stranger.cloud.post('/cmk/v2/clusters', clusterSpec(stranger.environmentId))).body.id
  })

  it('with a key one of another organization looks like one that is not there, byte for byte', async () => {
    for (const path of ['', '/topics', '/topics/a', '/topics/a/configs', '/broker-configs']) {
      const [theirs, none] = [
        await admin.rest.get(`/kafka/v3/clusters/${foreign}${path}`),
        await admin.rest.get(`/kafka/v3/clusters/lkc-zzzzzz${path}`),
      ]
      expect(theirs).toMatchObject(refusal(401, 40101))
      expect(theirs.text).toBe(none.text)
    }
  })

  it('and for who signed in it is a 404, byte for byte', async () => {
    const { email, password } = organization
    const signedIn = await new ApiClient(installation.endpoint).post('/api/sessions', { email, password })
    const session = ApiClient.withToken(installation.endpoint, signedIn.body.token)
    const { body } = await session.post('/api/access_tokens', {})
    const user = ApiClient.withToken(installation.endpoint, body.token)
    expect(await user.get(`${root}/topics`)).toMatchObject({ status: 200 })
    const [theirs, none] = [
      await user.get(`/kafka/v3/clusters/${foreign}/topics`),
      await user.get('/kafka/v3/clusters/lkc-zzzzzz/topics'),
    ]
    expect(theirs).toMatchObject(refusal(404, 404))
    expect(theirs.text).toBe(none.text)
  })
})

describe('open connections are shared, and never outlive the access', () => {
  it('a key answers 200, 401 or 403 from its first second on, and nothing once it is deleted', async () => {
    const created = await organization.cloud.post('/iam/v2/api-keys', {
      spec: { owner: { id: organization.administratorId }, resource: { id: cluster.id } },
    })
    const key = { id: created.body.id as string, secret: created.body.spec.secret as string }
    const rest = ApiClient.withKey(installation.endpoint, key)
    const seen = new Set<number>()
    for (let good = 0; good < 3;) {
      const { status } = await rest.get(`${root}/topics`)
      seen.add(status)
      good = status === 200 ? good + 1 : 0
    }
    expect([200, 401, 403]).toEqual(expect.arrayContaining([...seen]))
    expect((await organization.cloud.delete(`/iam/v2/api-keys/${key.id}`)).status).toBe(204)
    expect(await rest.get(`${root}/topics`)).toMatchObject(refusal(401, 40101))
  })

  it('and what is read over one that breaks is read again', async () => {
    const { host, port } = broker()
    await using proxy = await startTcpProxy({ host, port })
    const clients = new AdminPool({ idleMs: 60_000, mostClients: 1 })
    try {
      const connection: KafkaConnection = {
        clientId: 'test',
        bootstrap: [{ host: '127.0.0.1', port: proxy.port }],
        tls: { ca: await readFile(installation.caFile, 'utf8') },
        sasl: { mechanism: 'PLAIN', username: admin.key.id, password: admin.key.secret },
        clients,
      }
      const before = await listTopics(connection)
      expect(before.length).toBeGreaterThan(3)
      proxy.hang()
      const reading = listTopics(connection)
      await proxy.mend()
      expect(await reading).toEqual(before)
    } finally {
      await clients.close()
    }
  })
})

function broker() {
  const [host = '', port] = cluster.bootstrap.split(':')
  return { host, port: Number(port) }
}

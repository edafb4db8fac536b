import { ApiClient } from '@tributary/testkit/apiClient'
import { clusterSpec, createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let root: string
/** Keys of the administrator, and of a service account without any right. */
let admin: KafkaLogin & { rest: ApiClient }
let nobody: KafkaLogin & { rest: ApiClient }
let serviceAccountId: string

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  organization = await installation.createOrganization()
  cluster = await createCluster(organization)
  root = `/kafka/v3/clusters/${cluster.id}`
  const serviceAccount = await organization.cloud.post('/iam/v2/service-accounts', { display_name: 'nobody' })
  serviceAccountId = serviceAccount.body.id
  admin = await createClusterKey(installation, organization, cluster)
  nobody = await createClusterKey(installation, organization, cluster, serviceAccountId)
})
afterAll(() => installation[Symbol.asyncDispose]())

const refusal = (status: number, code: number) => ({
  status,
  body: { error_code: code, message: expect.any(String) },
})

describe('Kafka REST acts as its caller, and only the broker authorises', () => {
  it('makes, reads and lists the topics of who may', async () => {
    const created = await admin.rest.post(`${root}/topics`, {
      topic_name: 'orders',
      partitions_count: 3,
      configs: [{ name: 'retention.ms', value: '3600000' }],
    })
    const topic = {
      kind: 'KafkaTopic',
      metadata: {
        self: `${installation.endpoint}${root}/topics/orders`,
        resource_name: `crn:///kafka=${cluster.id}/topic=orders`,
      },
      cluster_id: cluster.id,
      topic_name: 'orders',
      is_internal: false,
      replication_factor: 1,
      partitions_count: 3,
      partitions: { related: `${installation.endpoint}${root}/topics/orders/partitions` },
      configs: { related: `${installation.endpoint}${root}/topics/orders/configs` },
      partition_reassignments: {
        related: `${installation.endpoint}${root}/topics/orders/partitions/-/reassignment`,
      },
      authorized_operations: [],
    }
    expect(created).toMatchObject({ status: 201 })
    expect(created.body).toEqual(topic)
    expect((await admin.rest.get(`${root}/topics/orders`)).body).toEqual(topic)
    const list = await admin.rest.get(`${root}/topics`)
    expect(list.body).toMatchObject({ kind: 'KafkaTopicList', data: [topic] })
    const described = await runKafkaTool(admin, 'TopicCommand', ['--describe', '--topic', 'orders'])
    expect(described.stdout).toMatch(/PartitionCount: 3.*retention\.ms=3600000/)
  })

  it('takes names as long as Kafka does', async () => {
    const name = 'n'.repeat(249)
    expect((await admin.rest.post(`${root}/topics`, { topic_name: name })).status).toBe(201)
    expect((await admin.rest.get(`${root}/topics/${name}`)).status).toBe(200)
  })

  it('shows a service account without rights nothing, and lets it do nothing', async () => {
    expect((await nobody.rest.get(`${root}/topics`)).body.data).toEqual([])
    expect(await nobody.rest.get(`${root}/topics/orders`)).toMatchObject(refusal(403, 40301))
    const created = await nobody.rest.post(`${root}/topics`, { topic_name: 'mine' })
    expect(created).toMatchObject(refusal(403, 40301))
    expect(await admin.rest.get(`${root}/topics/mine`)).toMatchObject(refusal(404, 40403))
  })

  it('lets it do what an ACL allows, though it may not read what it made', async () => {
    const grant = '--add --operation Create --topic made- --resource-pattern-type prefixed'
    const granted = await runKafkaTool(admin, 'AclCommand', [
      ...grant.split(' '),
      '--allow-principal',
      `User:${serviceAccountId}`,
    ])
    expect(granted).toMatchObject({ code: 0 })
    const created = await nobody.rest.post(`${root}/topics`, { topic_name: 'made-here', partitions_count: 2 })
    expect(created).toMatchObject({ status: 201, body: { topic_name: 'made-here', partitions_count: 2 } })
    expect((await admin.rest.get(`${root}/topics/made-here`)).body.partitions_count).toBe(2)
  })
})

describe('who signed in reaches a cluster as itself, with a token for the data planes', () => {
  it('and makes, finds and deletes what its roles allow, until it signs out', async () => {
    const { email, password } = organization
    const session = await new ApiClient(installation.endpoint).post('/api/sessions', { email, password })
    const signedIn = ApiClient.withToken(installation.endpoint, session.body.token)
    const { body } = await signedIn.post('/api/access_tokens', {})
    const dataPlane = ApiClient.withToken(installation.endpoint, body.token)
    expect((await dataPlane.post(`${root}/topics`, { topic_name: 'signed-in' })).status).toBe(201)
    const listed = await dataPlane.get(`${root}/topics`)
    expect(listed.body.data.map(({ topic_name }: { topic_name: string }) => topic_name)).toContain('signed-in')
    expect((await dataPlane.delete(`${root}/topics/signed-in`)).status).toBe(204)
    await signedIn.delete('/api/sessions')
    expect(await dataPlane.get(`${root}/topics`)).toMatchObject(refusal(401, 40101))
  })
})

describe('a cluster shows itself to its own keys', () => {
  it('by its id, and as the only one of the list', async () => {
    const one = await nobody.rest.get(root)
    const self = `${installation.endpoint}${root}`
    expect(one).toMatchObject({
      status: 200,
      body: {
        kind: 'KafkaCluster',
        metadata: { self, resource_name: `crn:///kafka=${cluster.id}` },
        cluster_id: cluster.id,
        controller: { related: `${self}/brokers/1` },
        topics: { related: `${self}/topics` },
      },
    })
    const list = await nobody.rest.get('/kafka/v3/clusters')
    expect(list.body).toEqual({
      kind: 'KafkaClusterList',
      metadata: { self: `${installation.endpoint}/kafka/v3/clusters`, next: null },
      data: [one.body],
    })
  })

  it('and to nobody else: a wrong secret, a cloud key and a key of another cluster are a 401', async () => {
    const wrong = ApiClient.withKey(installation.endpoint, { id: admin.key.id, secret: `${admin.key.secret}x` })
    for (const client of [wrong, organization.cloud]) {
      for (const path of [root, '/kafka/v3/clusters', `${root}/topics`, `${root}/topics/orders`]) {
        expect(await client.get(path)).toMatchObject(refusal(401, 40101))
      }
    }
    for (const path of ['/kafka/v3/clusters/lkc-zzzzzz', '/kafka/v3/clusters/lkc-zzzzzz/topics']) {
      expect(await admin.rest.get(path)).toMatchObject(refusal(401, 40101))
    }
  })
})

describe('what is wrong with a topic is said as Kafka REST says it', () => {
  it.each([
    [{ topic_name: 'orders' }, 400, 40002, /already/],
    [{ topic_name: 'a', partitions_count: -1 }, 400, 400, /partitions_count/],
    [{ topic_name: 'a', partitions_count: 0 }, 400, 400, /partitions_count/],
    [{ topic_name: 'a', partitions_count: 'A' }, 400, 400, /partitions_count/],
    [{ topic_name: 'a', replication_factor: 5 }, 400, 40002, /eplication factor/],
    [{ topic_name: 'a', configs: [{ name: 'no.such', value: '1' }] }, 400, 40002, /no\.such/],
    [{ topic_name: 'a', configs: [{ name: 'retention.ms', value: 'soon' }] }, 400, 40002, /retention\.ms/],
    [{ topic_name: 'a', configs: [{ name: 'retention.ms', value: 'a\0' }] }, 400, 400, /NUL/],
    [{ topic_name: 'a b' }, 400, 400, /topic_name/],
    [{ topic_name: '..' }, 400, 400, /topic_name/],
    [{}, 400, 400, /topic_name/],
    [[], 400, 400, /body/],
  ])('%j', async (body, status, code, message) => {
    const answer = await admin.rest.post(`${root}/topics`, body)
    expect(answer).toMatchObject({ status, body: { error_code: code, message: expect.stringMatching(message) } })
    expect(answer.text).not.toMatch(/org\.apache|java\.|\.ts\b/)
  })

  it('a topic that is missing, or can not be, is a 404', async () => {
    expect(await admin.rest.get(`${root}/topics/missing`)).toMatchObject(refusal(404, 40403))
    expect(await admin.rest.get(`${root}/topics/a%20b`)).toMatchObject(refusal(404, 404))
  })

  it('a topic with an Idempotency-Key is made once', async () => {
    const headers = { 'idempotency-key': 'one-topic-please' }
    const [first, second] = [
      await admin.rest.post(`${root}/topics`, { topic_name: 'once' }, headers),
      await admin.rest.post(`${root}/topics`, { topic_name: 'once' }, headers),
    ]
    expect(first.status).toBe(201)
    expect({ status: second.status, text: second.text }).toEqual({ status: 201, text: first.text })
  })
})

const operations = (query: string) => `/tributary/v1/operations?resource=${query}`

describe('what is done to a resource can be followed', () => {
  it('step by step, newest first, in pages, with how far each part is', async () => {
    const whole = await organization.cloud.get(operations(`${cluster.id}&page_size=100`))
    expect(whole.status).toBe(200)
    const { data, resource } = whole.body
    expect(data.length).toBeGreaterThan(3)
    const ids = data.map(({ id }: { id: string }) => Number(id))
    expect(ids).toEqual(ids.toSorted((a: number, b: number) => b - a))
    for (const step of data) {
      expect(step).toMatchObject({ name: expect.any(String), attempts: expect.any(Number), status: 'COMPLETED' })
      expect(Date.parse(step.started_at)).toBeGreaterThan(Date.now() - 600_000)
    }
    const part = resource.reconciliations.find(({ kind }: { kind: string }) => kind === 'kafka-cluster')
    expect(part).toMatchObject({ generation: 1, observed_generation: 1, failures: 0 })
    expect(part.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }))

    const paged: unknown[] = []
    let next: string | undefined = operations(`${cluster.id}&page_size=2`)
    while (next !== undefined) {
      const page = await organization.cloud.get(next)
      expect(page.body.data.length).toBeLessThanOrEqual(2)
      paged.push(...page.body.data)
      next = page.body.metadata.next
    }
    expect(paged.map((step) => (step as { id: string }).id)).toEqual(data.map(({ id }: { id: string }) => id))
  })

  it('by its own organization and by administrators only', async () => {
    const stranger = await installation.createOrganization()
    expect((await stranger.cloud.get(operations(cluster.id))).status).toBe(404)
    const key = await organization.cloud.post('/iam/v2/api-keys', { spec: { owner: { id: serviceAccountId } } })
    const account = ApiClient.withKey(installation.endpoint, { id: key.body.id, secret: key.body.spec.secret })
    expect((await account.get(operations(cluster.id))).status).toBe(404)
  })

  it('and a page token of another list is refused', async () => {
    const token = Buffer.from('[1,"lkc-abc"]').toString('base64url')
    const answer = await organization.cloud.get(operations(`${cluster.id}&page_token=${token}`))
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ source: { parameter: 'page_token' } }] } })
  })
})

describe('a cluster that is not there yet is a 503 that says when to come back', () => {
  it('while it is provisioned', async () => {
    await installation.endProgram('worker', 'SIGTERM')
    const created = await organization.cloud.post(
      '/cmk/v2/clusters',
      clusterSpec(organization.environmentId, { display_name: 'later' }),
    )
    const made = await organization.cloud.post('/iam/v2/api-keys', {
      spec: { owner: { id: organization.administratorId }, resource: { id: created.body.id } },
    })
    const rest = ApiClient.withKey(installation.endpoint, { id: made.body.id, secret: made.body.spec.secret })
    const answer = await rest.get(`/kafka/v3/clusters/${created.body.id}/topics`)
    expect(answer).toMatchObject(refusal(503, 503))
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
    const waiting = await organization.cloud.get(`/tributary/v1/operations?resource=${created.body.id}`)
    expect(waiting.body).toMatchObject({ data: [], resource: { reconciliations: [{}, {}, {}, {}] } })
  })
})

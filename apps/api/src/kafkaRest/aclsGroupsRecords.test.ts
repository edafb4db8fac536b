import { waitUntil } from '@tributary/kit/waitUntil'
import type { ApiClient } from '@tributary/testkit/apiClient'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { RecordStream } from '@tributary/testkit/recordStream'
import { runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let root: string
/** Keys of the administrator, and of a service account without any right. */
let admin: KafkaLogin & { rest: ApiClient }
let service: KafkaLogin & { rest: ApiClient }
let serviceAccountId: string

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  organization = await installation.createOrganization()
  cluster = await createCluster(organization)
  root = `/kafka/v3/clusters/${cluster.id}`
  const account = await organization.cloud.post('/iam/v2/service-accounts', { display_name: 'service' })
  serviceAccountId = account.body.id
  admin = await createClusterKey(installation, organization, cluster)
  service = await createClusterKey(installation, organization, cluster, serviceAccountId)
  for (const [topic_name, partitions_count] of [
    ['orders', 3],
    ['single', 1],
    ['granted', 1],
  ]) {
    const created = await admin.rest.post(`${root}/topics`, { topic_name, partitions_count })
    if (created.status !== 201) throw new Error(`no topic: ${created.text}`)
  }
})
afterAll(() => installation[Symbol.asyncDispose]())

const records = (topic: string) => `${root}/topics/${topic}/records`
const produce = (topic: string, record: unknown, rest = admin.rest) => rest.post(records(topic), record)
const base64 = (text: string) => Buffer.from(text).toString('base64')
const refusal = (status: number, code: number, message: RegExp = /./) => ({
  status,
  body: { error_code: code, message: expect.stringMatching(message) },
})

/** What is in a topic, as Kafka's own consumer prints it. */
async function consumed(topic: string, count: number, ...args: string[]): Promise<string[]> {
  const show = ['key', 'headers', 'partition', 'timestamp'].flatMap((part) => [
    '--formatter-property',
    `print.${part}=true`,
  ])
  const limits = ['--from-beginning', '--max-messages', String(count), '--timeout-ms', '20000']
  const tool = await runKafkaTool(admin, 'consumer.ConsoleConsumer', ['--topic', topic, ...limits, ...show, ...args])
  if (tool.code !== 0) throw new Error(tool.stderr)
  return tool.stdout.trim().split('\n').toSorted()
}

const streamTo = (topic: string) => new RecordStream(`${installation.endpoint}${records(topic)}`, admin.key)

describe('a record that was posted is in the topic as it was sent', () => {
  it('with key, headers, partition and timestamp, for each type of data', async () => {
    const timestamp = '2024-02-05T19:14:42.123Z'
    const sent = await produce('orders', {
      partition_id: 2,
      headers: [
        { name: 'a', value: base64('one') },
        { name: 'a', value: base64('two') },
        { name: 'none', value: null },
      ],
      key: { type: 'BINARY', data: base64('the key') },
      value: { type: 'JSON', data: { a: [1, 'two', null, true], b: { c: 'ü' } } },
      timestamp,
    })
    expect(sent.status).toBe(200)
    expect(sent.body).toEqual({
      error_code: 200,
      cluster_id: cluster.id,
      topic_name: 'orders',
      partition_id: 2,
      offset: 0,
      timestamp,
      key: { type: 'BINARY', size: 7 },
      value: { type: 'JSON', size: 40 },
    })
    const exact =
      '{"partition_id":2,"timestamp":"2024-02-05T19:14:42.123Z","value":{"data":[1.0,12345678901234567890,1e2,-0]}}'
    expect((await produce('orders', exact)).body).toMatchObject({ offset: 1, value: { type: 'JSON', size: 33 } })
    const text = {
      partition_id: 1,
      timestamp,
      key: { type: 'STRING', data: 'k' },
      value: { type: 'STRING', data: '"ü' },
    }
    expect((await produce('orders', text)).body).toMatchObject({ offset: 0, value: { type: 'STRING', size: 3 } })
    const tombstone = {
      partition_id: 0,
      timestamp,
      key: { type: 'STRING', data: 'k' },
      value: { type: 'BINARY', data: null },
    }
    expect((await produce('orders', tombstone)).body).toMatchObject({ offset: 0, value: { type: 'BINARY', size: 0 } })
    const at = `CreateTime:${Date.parse(timestamp)}`
    expect(await consumed('orders', 4)).toEqual([
      `${at}\tPartition:0\tNO_HEADERS\tk\tnull`,
      `${at}\tPartition:1\tNO_HEADERS\tk\t"ü`,
      `${at}\tPartition:2\tNO_HEADERS\tnull\t[1.0,12345678901234567890,1e2,-0]`,
      `${at}\tPartition:2\ta:one,a:two,none:null\tthe key\t{"a":[1,"two",null,true],"b":{"c":"ü"}}`,
    ])
  })

  it('in a stream, each reported when it is there, while the connection stays open', async () => {
    const stream = streamTo('single')
    stream.send('{"value":{"type":"STRING","data":"first"}}')
    expect(await stream.reported(1)).toMatchObject([{ error_code: 200, offset: 0 }])
    // A document may arrive in pieces, and several in one.
    stream.send('{"value":{"type":"STR')
    stream.send('ING","data":"se{con}d \\" \\\\"}} \n {"value":{"data":3}}{"value":{"data":4}}')
    expect(await stream.reported(4)).toMatchObject([0, 1, 2, 3].map((offset) => ({ error_code: 200, offset })))
    expect((await stream.response).statusCode).toBe(200)
    expect(await stream.end()).toHaveLength(4)
  })

  it('and what is wrong in a stream is reported in its place, and only that is not written', async () => {
    const stream = streamTo('single')
    const good = '{"value":{"data":"good"}}'
    const answers: [document: string, code: number, offsetOrMessage: unknown][] = [
      [good, 200, 4],
      ['{"value":{"type":"BINARY","data":"?"}}', 400, expect.stringMatching(/value\.data.*base64/)],
      ['{"partition_id":1,"value":{"data":1}}', 40403, expect.stringMatching(/no partition 1/)],
      [good, 200, 5],
      [
        JSON.stringify({ value: { type: 'STRING', data: 'x'.repeat(1_100_000) } }),
        413,
        expect.stringMatching(/1048576 bytes/),
      ],
      ['{"value":{"data":1},"timestamp":"2524-01-01T00:00:00Z"}', 40002, expect.stringMatching(/imestamp/)],
      [`{"value":{"data":${'['.repeat(70)}1${']'.repeat(70)}}}`, 400, expect.stringMatching(/levels/)],
      [good, 200, 6],
      ['{"value":1]', 400, expect.stringMatching(/not valid JSON/)],
      // From here on nobody knows where a document begins.
      ['nonsense', 400, expect.stringMatching(/must be a JSON object/)],
    ]
    for (const [document] of answers) stream.send(document)
    const reports = await stream.reported(answers.length)
    expect(reports.map(({ error_code, offset, message }) => [error_code, offset ?? message])).toEqual(
      answers.map(([, code, expected]) => [code, expected]),
    )
    await stream.end()
    expect(await produce('single', { value: { data: 'next' } })).toMatchObject({ body: { offset: 7 } })
  })

  it('but not what came after its client had gone', async () => {
    const before = (await produce('single', { value: { data: 'before' } })).body.offset
    const stream = streamTo('single')
    stream.send('{"value":{"data":1}}{"value":{"da')
    await stream.reported(1)
    stream.abort()
    expect(await produce('single', { value: { data: 'after' } })).toMatchObject({ body: { offset: before + 2 } })
  })
})

describe('a record that can not be written is refused with what is wrong with it', () => {
  const value = { data: 1 }
  it.each([
    [{ value: { type: 'BINARY', data: 'a' } }, 400, 400, /value\.data/],
    [{ value: { type: 'BINARY', data: 1 } }, 400, 400, /value\.data/],
    [{ key: { type: 'STRING', data: 1 }, value }, 400, 400, /key\.data/],
    [{ key: { type: 'STRING', data: '\ud800' }, value }, 400, 400, /key\.data/],
    [{ key: { type: 'AVRO', data: {} }, value }, 400, 400, /key\.type.*Schema Registry/],
    [{ value: { schema_id: 1, data: {} } }, 400, 400, /value\.schema_id.*Schema Registry/],
    [{ value: { type: 'XML', data: 1 } }, 400, 400, /value\.type/],
    [{ headers: [{ name: 'a', value: 'a' }], value }, 400, 400, /headers\.0\.value/],
    [{ headers: [{ value: 'YQ==' }], value }, 400, 400, /headers\.0\.name/],
    [{ partition_id: -1, value }, 400, 400, /partition_id/],
    [{ partition_id: 1, value }, 404, 40403, /no partition 1/],
    [{ timestamp: 'now', value }, 400, 400, /timestamp/],
    [{ timestamp: '2524-01-01T00:00:00Z', value }, 400, 40002, /imestamp/],
    ['{"value":', 400, 400, /no end/],
    ['[{"value":{"data":1}}]', 400, 400, /JSON object/],
    ['', 422, 422, /no record/],
    [JSON.stringify({ value: { type: 'STRING', data: 'x'.repeat(1_100_000) } }), 413, 413, /1048576 bytes/],
  ])('number %$', async (record, status, code, message) => {
    expect(await produce('granted', record)).toMatchObject(refusal(status, code, message))
  })

  it('and nothing of it is written, nor of what may not be', async () => {
    expect(await produce('missing', { value })).toMatchObject(refusal(404, 40403, /no such topic/))
    expect(await produce('granted', { value }, service.rest)).toMatchObject(refusal(403, 40301))
    expect(
      await admin.rest.request('POST', records('granted'), { body: 'a=b', headers: { 'content-type': 'text/plain' } }),
    ).toMatchObject(refusal(415, 415))
    const repeated = await admin.rest.post(records('granted'), { value }, { 'idempotency-key': 'only-once-please' })
    expect(repeated).toMatchObject(refusal(400, 400, /Idempotency-Key/))
    expect(await produce('granted', { value })).toMatchObject({ status: 200, body: { offset: 0 } })
  })

  it('and one that spoils the batch of others does not keep them out', async () => {
    const small = await admin.rest.post(`${root}/topics`, {
      topic_name: 'small',
      partitions_count: 1,
      configs: [{ name: 'max.message.bytes', value: '2000' }],
    })
    expect(small.status).toBe(201)
    const sizes = [100, 3000, 500, 500, 500, 500, 500, 2500, 10]
    const stream = streamTo('small')
    stream.send(sizes.map((size) => JSON.stringify({ value: { type: 'STRING', data: 'x'.repeat(size) } })).join(''))
    const reports = await stream.reported(sizes.length)
    expect(reports.map(({ error_code, offset }) => offset ?? error_code)).toEqual([0, 413, 1, 2, 3, 4, 5, 413, 6])
    await stream.end()
  })
})

const acl = (fields: object = {}) => ({
  resource_type: 'TOPIC',
  resource_name: 'granted',
  pattern_type: 'LITERAL',
  principal: `User:${serviceAccountId}`,
  host: '*',
  operation: 'WRITE',
  permission: 'ALLOW',
  ...fields,
})
const aclsWith = (filter: Record<string, string>) => `${root}/acls?${new URLSearchParams(filter).toString()}`
const listed = async (filter: Record<string, string>) => (await admin.rest.get(aclsWith(filter))).body.data

describe('an ACL that Kafka REST makes', () => {
  it('is there and holds at once, and Kafka knows it', async () => {
    const created = await admin.rest.post(`${root}/acls`, acl())
    expect({ status: created.status, text: created.text }).toEqual({ status: 201, text: '' })
    const filtered = await admin.rest.get(aclsWith(acl()))
    const self = `${installation.endpoint}${aclsWith(acl())}`
    const row = { kind: 'KafkaAcl', metadata: { self }, cluster_id: cluster.id, ...acl() }
    expect(filtered.body).toEqual({ kind: 'KafkaAclList', metadata: { self, next: null }, data: [row] })
    // WRITE on this one topic is enough to produce to it.
    expect(await produce('granted', { value: { data: 'mine' } }, service.rest)).toMatchObject({ status: 200 })
    expect(await produce('single', { value: { data: 'mine' } }, service.rest)).toMatchObject(refusal(403, 40301))
    const tool = await runKafkaTool(admin, 'AclCommand', ['--list', '--topic', 'granted'])
    expect(tool.stdout).toContain(`(principal=User:${serviceAccountId}, host=*, operation=WRITE, permissionType=ALLOW)`)

    expect(await listed({ principal: 'UserV2:*', resource_name: '' })).toEqual([row])
    expect(await listed({ principal: `UserV2:${serviceAccountId}` })).toEqual([row])
    expect(await listed({ pattern_type: 'MATCH', resource_type: 'TOPIC', resource_name: 'granted' })).toEqual([row])
    for (const other of [{ resource_name: 'other' }, { permission: 'DENY' }, { principal: 'User:sa-other' }]) {
      expect(await listed({ ...acl(), ...other })).toEqual([])
    }

    const deleted = await admin.rest.delete(aclsWith(acl()))
    expect(deleted).toMatchObject({ status: 200, body: { data: [row] } })
    expect(await listed({})).toEqual([])
    expect(await produce('granted', { value: { data: 'mine' } }, service.rest)).toMatchObject(refusal(403, 40301))
    expect((await admin.rest.delete(aclsWith(acl()))).body).toEqual({ data: [] })
  })

  it('may be one of several, and several go at once', async () => {
    const acls = [
      acl({ resource_type: 'CLUSTER', resource_name: 'kafka-cluster', operation: 'DESCRIBE' }),
      acl({ resource_type: 'GROUP', resource_name: '*', operation: 'READ', permission: 'DENY' }),
      acl({ resource_type: 'TRANSACTIONAL_ID', resource_name: 'tx-', pattern_type: 'PREFIXED', operation: 'ALL' }),
    ]
    const created = await admin.rest.post(`${root}/acls:batch`, { data: acls })
    expect({ status: created.status, text: created.text }).toEqual({ status: 201, text: '' })
    const rows = await listed({ principal: `User:${serviceAccountId}` })
    expect(rows).toHaveLength(3)
    expect(rows).toEqual(expect.arrayContaining(acls.map((each) => expect.objectContaining(each))))
    const everything = { resource_type: 'ANY', pattern_type: 'ANY', operation: 'ANY', permission: 'ANY' }
    const deleted = await admin.rest.delete(aclsWith({ ...everything, principal: `User:${serviceAccountId}` }))
    expect(deleted.body.data).toHaveLength(3)
    expect(await listed({})).toEqual([])
  })
})

describe('an ACL that can not hold is refused by the name of the field, and nothing is made', () => {
  it.each([
    [{ resource_type: 'TABLE' }, /resource_type/],
    [{ resource_type: 'ANY' }, /resource_type/],
    [{ resource_type: undefined }, /resource_type/],
    [{ resource_name: '' }, /resource_name/],
    [{ resource_type: 'CLUSTER', resource_name: 'mine', operation: 'ALTER' }, /resource_name.*kafka-cluster/],
    [{ resource_type: 'CLUSTER', resource_name: 'kafka-cluster', operation: 'READ' }, /operation.*CLUSTER/],
    [{ pattern_type: 'MATCH' }, /pattern_type/],
    [{ pattern_type: 'ANY' }, /pattern_type/],
    [{ principal: 'sa-a1b2c3' }, /principal/],
    [{ principal: 'User:' }, /principal/],
    [{ principal: 'UserV2:sa-a1b2c3' }, /principal/],
    [{ host: '' }, /host/],
    [{ operation: 'PRODUCE' }, /operation/],
    [{ operation: 'ANY' }, /operation/],
    [{ operation: 'CLUSTER_ACTION' }, /operation.*TOPIC/],
    [{ permission: 'ANY' }, /permission/],
    [{ permission: 'allow' }, /permission/],
  ])('%j', async (fields, message) => {
    expect(await admin.rest.post(`${root}/acls`, acl(fields))).toMatchObject(refusal(400, 400, message))
    const batch = await admin.rest.post(`${root}/acls:batch`, { data: [acl(), acl(fields)] })
    expect(batch).toMatchObject(refusal(400, 400, message))
    expect(batch.body.message).toContain('data.1')
    expect(await listed({})).toEqual([])
  })

  it('and so is a filter that names nothing, or would delete everything', async () => {
    for (const [filter, message] of [
      [{ operation: 'PRODUCE' }, /operation/],
      [{ resource_type: 'TABLE' }, /resource_type/],
      [{ principal: serviceAccountId }, /principal/],
    ] as const) {
      expect(await admin.rest.get(aclsWith(filter))).toMatchObject(refusal(400, 400, message))
    }
    const all = { resource_type: 'ANY', pattern_type: 'ANY', operation: 'ANY', permission: 'ANY' }
    for (const filter of [
      {},
      all,
      { ...all, principal: 'UserV2:*' },
      { ...acl(), operation: '' },
      { ...acl(), resource_name: '' },
    ]) {
      expect(await admin.rest.delete(aclsWith(filter))).toMatchObject(refusal(400, 400))
    }
  })

  it('and a principal that the broker does not let administer ACLs may neither read nor change them', async () => {
    for (const answer of [
      await service.rest.get(`${root}/acls`),
      await service.rest.post(`${root}/acls`, acl()),
      await service.rest.post(`${root}/acls:batch`, { data: [acl()] }),
      await service.rest.delete(aclsWith(acl())),
    ]) {
      expect(answer).toMatchObject(refusal(403, 40301))
    }
    expect(await listed({})).toEqual([])
  })
})

const count = (partition_id: number, records: number) =>
  JSON.stringify({ partition_id, value: { data: 'x' } }).repeat(records)
const consume = (group: string, ...properties: string[]) => {
  const args = ['--topic', 'lagging', '--group', group, '--from-beginning', '--max-messages', '9']
  const settings = ['auto.commit.interval.ms=100', ...properties].flatMap((each) => ['--command-property', each])
  return runKafkaTool(admin, 'consumer.ConsoleConsumer', [...args, '--timeout-ms', '30000', ...settings])
}
const groups = () => `${root}/consumer-groups`

const get = async (path: string) => (await admin.rest.get(`${groups()}/${path}`)).body

const stable = (group: string) =>
  waitUntil(async () => (await get(group)).state === 'STABLE' && (await get(`${group}/lags`)).data.length === 2, {
    timeoutMs: 30_000,
    what: `${group} to be stable, and to have committed`,
  })

describe('a consumer group is shown as it is', () => {
  it('with its consumers while they are there, and how far behind it is, in either protocol', async () => {
    const made = await admin.rest.post(`${root}/topics`, { topic_name: 'lagging', partitions_count: 2 })
    expect(made.status).toBe(201)
    await admin.rest.post(records('lagging'), count(0, 5) + count(1, 3))
    const running = [
      consume('classic/1', 'group.protocol=classic', 'client.id=one'),
      consume('consumer', 'group.protocol=consumer', 'client.id=two', 'group.instance.id=static'),
    ]
    await Promise.all([stable('classic%2F1'), stable('consumer')])

    const self = `${installation.endpoint}${groups()}/classic%2F1`
    const name = `crn:///kafka=${cluster.id}/consumer-group=classic/1`
    const classic = {
      kind: 'KafkaConsumerGroup',
      metadata: { self, resource_name: name },
      cluster_id: cluster.id,
      consumer_group_id: 'classic/1',
      is_simple: false,
      partition_assignor: 'range',
      state: 'STABLE',
      type: 'CLASSIC',
      is_mixed_consumer_group: false,
      coordinator: { related: `${installation.endpoint}${root}/brokers/1` },
      consumers: { related: `${self}/consumers` },
      lag_summary: { related: `${self}/lag-summary` },
    }
    expect(await get('classic%2F1')).toEqual(classic)
    const consumer = await get('consumer')
    expect(consumer).toMatchObject({
      type: 'CONSUMER',
      state: 'STABLE',
      partition_assignor: 'uniform',
      is_simple: false,
    })
    const list = (await admin.rest.get(groups())).body
    expect(list).toMatchObject({
      kind: 'KafkaConsumerGroupList',
      metadata: { self: `${installation.endpoint}${groups()}`, next: null },
    })
    expect(list.data).toEqual(expect.arrayContaining([classic, consumer]))

    for (const [group, clientId, instanceId] of [
      ['classic%2F1', 'one', null],
      ['consumer', 'two', 'static'],
    ] as const) {
      const consumers = await get(`${group}/consumers`)
      expect(consumers.data).toHaveLength(1)
      const [member] = consumers.data
      expect(member).toMatchObject({ kind: 'KafkaConsumer', client_id: clientId, instance_id: instanceId })
      expect((await admin.rest.get(member.metadata.self)).body).toEqual(member)
      const assignments = await admin.rest.get(member.assignments.related)
      expect(assignments.body.data.map((each: { partition_id: number }) => each.partition_id)).toEqual([0, 1])
      for (const each of assignments.body.data) expect((await admin.rest.get(each.metadata.self)).body).toEqual(each)
      const lags = await get(`${group}/lags`)
      const at = (partition: number, offset: number) => ({
        kind: 'KafkaConsumerLag',
        topic_name: 'lagging',
        partition_id: partition,
        current_offset: offset,
        log_end_offset: offset,
        lag: 0,
        consumer_id: member.consumer_id,
        client_id: clientId,
        instance_id: instanceId,
      })
      expect(lags.data).toEqual([expect.objectContaining(at(0, 5)), expect.objectContaining(at(1, 3))])
    }

    await admin.rest.post(records('lagging'), count(1, 1))
    expect((await Promise.all(running)).map(({ code }) => code)).toEqual([0, 0])
    await admin.rest.post(records('lagging'), count(0, 2) + count(1, 7))
    // A static member is expected back, and keeps what it has.
    for (const [group, state, instance] of [
      ['classic%2F1', 'EMPTY', null],
      ['consumer', 'RECONCILING', 'static'],
    ] as const) {
      expect(await get(group)).toMatchObject({ state, is_simple: false })
      expect((await get(`${group}/consumers`)).data).toHaveLength(instance === null ? 0 : 1)
      const lags = await get(`${group}/lags`)
      expect(lags.data).toMatchObject([
        { partition_id: 0, current_offset: 5, log_end_offset: 7, lag: 2, instance_id: instance },
        { partition_id: 1, current_offset: 4, log_end_offset: 11, lag: 7, client_id: instance === null ? '' : 'two' },
      ])
      for (const each of lags.data) expect((await admin.rest.get(each.metadata.self)).body).toEqual(each)
      expect(await get(`${group}/lag-summary`)).toMatchObject({
        kind: 'KafkaConsumerGroupLagSummary',
        max_lag: 7,
        total_lag: 9,
        max_lag_topic_name: 'lagging',
        max_lag_partition_id: 1,
        max_lag_instance_id: instance,
        max_lag_partition: { related: `${installation.endpoint}${root}/topics/lagging/partitions/1` },
      })
    }
  })

  it('and what is not there is a 404', async () => {
    for (const path of [
      'missing',
      'missing/consumers',
      'missing/lags',
      'missing/lag-summary',
      'consumer/consumers/nobody',
    ]) {
      expect(await admin.rest.get(`${groups()}/${path}`)).toMatchObject(refusal(404, 40403))
    }
    for (const path of ['lagging/partitions/2', 'missing/partitions/0']) {
      expect(await admin.rest.get(`${groups()}/consumer/lags/${path}`)).toMatchObject(refusal(404, 40403))
    }
  })

  it('and who may not describe groups sees none', async () => {
    expect((await service.rest.get(groups())).body.data).toEqual([])
    for (const path of ['consumer', 'consumer/consumers', 'consumer/lags', 'missing']) {
      expect(await service.rest.get(`${groups()}/${path}`)).toMatchObject(refusal(403, 40301))
    }
  })
})

import { clusterSpec, createCluster, createClusterKey } from '@tributary/testkit/clusters'
import { ApiClient, type ApiAnswer } from '@tributary/testkit/apiClient'
import { TestInstallation } from '@tributary/testkit/installation'
import { runKafkaTool } from '@tributary/testkit/kafkaTools'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { operations } from '../../apps/api/src/operations.ts'
import { principalOf } from './tenants/holders.ts'
import { nothing, type Ids } from './tenants/ids.ts'
import { kafkaCalls, type KafkaCall, type KafkaIds } from './tenants/kafkaCalls.ts'
import { mayInCluster, type Topic } from './tenants/kafkaRule.ts'
import { roles, type Role } from './tenants/rule.ts'
import { urlOf } from './tenants/urlOf.ts'

/** Of the topic and group in the cluster; the cluster of another environment, and of another organization. */
type Where = Topic | 'other environment' | 'other organization'
const wheres = ['matching', 'other', 'other environment', 'other organization'] as const
const topics: Record<Topic, string> = { matching: 'orders', other: 'billing' }

let installation: TestInstallation
let callers: Record<Role, ApiClient>
let administrator: ApiClient
let named: Record<Where, KafkaIds>

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  const [ours, theirs] = await Promise.all([installation.createOrganization(), installation.createOrganization()])
  const made = await ours.cloud.post('/org/v2/environments', { display_name: 'other' })
  const other = { cloud: ours.cloud, environmentId: made.body.id as string }
  const cluster = await createCluster(ours)
  const near = await other.cloud.post('/cmk/v2/clusters', clusterSpec(other.environmentId))
  const far = await theirs.cloud.post('/cmk/v2/clusters', clusterSpec(theirs.environmentId))
  named = {
    matching: { clusterId: cluster.id, topicName: topics.matching },
    other: { clusterId: cluster.id, topicName: topics.other },
    'other environment': { clusterId: near.body.id, topicName: topics.matching },
    'other organization': { clusterId: far.body.id, topicName: topics.matching },
  }
  const login = await createClusterKey(installation, ours, cluster)
  administrator = login.rest
  for (const name of Object.values(topics)) await makeTopic(name)
  const groups = Object.values(topics).flatMap((name) => ['--group', name])
  const reset = ['--reset-offsets', '--to-earliest', '--execute', '--topic', topics.matching, '--topic', topics.other]
  const tool = await runKafkaTool(login, 'consumer.group.ConsumerGroupCommand', [...reset, ...groups])
  if (tool.code !== 0) throw new Error(tool.stderr)

  const own: Ids = {
    ...nothing,
    organizationId: ours.organizationId,
    environmentId: ours.environmentId,
    clusterId: cluster.id,
  }
  const keys = roles.map(async (role) => {
    const owner = await principalOf(ours, role, own, ['topic', 'group'])
    return [role, (await createClusterKey(installation, ours, cluster, owner)).rest] as const
  })
  callers = Object.fromEntries(await Promise.all(keys)) as typeof callers
}, 180_000)
afterAll(() => installation[Symbol.asyncDispose]())

async function makeTopic(topic_name: string): Promise<void> {
  const made = await administrator.post(`/kafka/v3/clusters/${named.matching.clusterId}/topics`, { topic_name })
  if (made.status !== 201) throw new Error(made.text)
}

const declarationOf = (operation: string) => {
  const found = operations.find(({ id }) => id === operation)
  if (found === undefined) throw new Error(`there is no operation ${operation}`)
  return found
}

/** Whether a row with that very topic or group is in a list. */
const isListed = ({ body }: ApiAnswer, name: string) =>
  (body.data as { topic_name?: string; consumer_group_id?: string }[]).some(
    (row) => row.topic_name === name || row.consumer_group_id === name,
  )

function due({ operation, needs, lists, isThere }: KafkaCall, role: Role, where: Where): string {
  // A key is of one cluster: to any other it is no key at all.
  if (where === 'other environment' || where === 'other organization')
    return operation === 'listKafkaClusters' ? '200' : '401'
  const isAllowed = mayInCluster(role, needs, where)
  if (lists) return isAllowed ? '200 with it' : '200 without it'
  if (!isAllowed) return '403'
  return isThere === false ? '404' : String(declarationOf(operation).reply.status)
}

let count = 0
let partitions = 1

/** What a call names that may: a topic of its own, where it makes or deletes one. */
async function ownTopic({ topic }: KafkaCall, ids: KafkaIds): Promise<KafkaIds> {
  if (topic === undefined) return ids
  const topicName = `${ids.topicName}-${++count}`
  if (topic === 'spent') await makeTopic(topicName)
  return { ...ids, topicName }
}

async function answered(call: KafkaCall, role: Role, where: Where): Promise<string> {
  const isAllowed = (where === 'matching' || where === 'other') && mayInCluster(role, call.needs, where)
  const ids = isAllowed ? await ownTopic(call, named[where]) : named[where]
  // Partitions only become more.
  const { body, ...sent } = call.send(
    ids,
    isAllowed && call.operation === 'updatePartitionCountKafkaTopic' ? ++partitions : partitions,
  )
  const { method, path } = declarationOf(call.operation)
  const answer = await callers[role].request(method, urlOf(path, sent), { body })
  if (call.operation === 'produceRecord' && answer.status === 200) return String(answer.body.error_code).slice(0, 3)
  if (!call.lists || answer.status !== 200) return String(answer.status)
  return `200 ${isListed(answer, named[where].topicName) ? 'with' : 'without'} it`
}

describe('every operation of Kafka REST answers every role as the rule says', { timeout: 120_000 }, () => {
  it('and every operation that brokers decide on is called', () => {
    const decided = operations.filter(({ access }) => access === 'broker').map(({ id }) => id)
    expect(kafkaCalls.map(({ operation }) => operation).toSorted()).toEqual(decided.toSorted())
  })

  it.each(kafkaCalls.map((call) => [call.operation, call] as const))('%s', async (_name, call) => {
    const cells = wheres.flatMap((where) => roles.map((role) => ({ role, where, name: `${role}, ${where}` })))
    const found: Record<string, string> = {}
    const ask = async ({ role, where, name }: (typeof cells)[number]) =>
      (found[name] = await answered(call, role, where))
    // Changes are made one after another.
    if (declarationOf(call.operation).method === 'GET') await Promise.all(cells.map(ask))
    else for (const cell of cells) await ask(cell)
    const expected = Object.fromEntries(cells.map(({ role, where, name }) => [name, due(call, role, where)]))
    expect(found).toEqual(expected)
  })
})

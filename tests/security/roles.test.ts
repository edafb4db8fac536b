import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Attempts } from './attempts.ts'
import { librdkafkaProblem } from '../clients/librdkafka.ts'
import { attemptWithLibrdkafka } from './attemptWithLibrdkafka.ts'

const topic = 'orders'

/** What is asked of the broker, and of every client that is tried. */
const columns = [
  'plain produce',
  'produce',
  'transactional produce',
  'consume',
  'create matching topic',
  'delete matching topic',
  'alter topic config',
  'describe topic',
  'commit offsets',
  'delete group',
  'create acl',
  'alter broker config',
  'reassign partitions',
] as const

/** `ok`, or on what the right was missing. */
type Cell = 'ok' | 'topic' | 'group' | 'transaction' | 'cluster'

const administrator: Cell[] = ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'cluster', 'cluster']
// prettier-ignore
const nothing: Cell[] = ['topic', 'topic', 'transaction', 'topic', 'topic', 'topic', 'topic', 'topic', 'group', 'group', 'cluster', 'cluster', 'cluster']

/** Each role where it is bound: for resources, on topics, groups and transactional ids that begin with `orders`. */
const table: Record<string, Cell[]> = {
  OrganizationAdmin: administrator,
  EnvironmentAdmin: administrator,
  CloudClusterAdmin: administrator,
  // prettier-ignore
  Operator: ['topic', 'cluster', 'transaction', 'topic', 'topic', 'topic', 'topic', 'ok', 'group', 'group', 'cluster', 'cluster', 'cluster'],
  MetricsViewer: nothing,
  // prettier-ignore
  ResourceOwner: ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'cluster', 'cluster', 'cluster'],
  // prettier-ignore
  DeveloperRead: ['topic', 'cluster', 'transaction', 'ok', 'topic', 'topic', 'topic', 'ok', 'ok', 'group', 'cluster', 'cluster', 'cluster'],
  // prettier-ignore
  DeveloperWrite: ['ok', 'ok', 'ok', 'topic', 'topic', 'topic', 'topic', 'ok', 'group', 'group', 'cluster', 'cluster', 'cluster'],
  // prettier-ignore
  DeveloperManage: ['topic', 'cluster', 'transaction', 'topic', 'ok', 'ok', 'ok', 'ok', 'group', 'ok', 'cluster', 'cluster', 'cluster'],
  'no role': nothing,
}
const roles = Object.keys(table)

const javaNames: Record<Cell, string> = {
  ok: 'ok',
  topic: 'TopicAuthorizationException',
  group: 'GroupAuthorizationException',
  transaction: 'TransactionalIdAuthorizationException',
  cluster: 'ClusterAuthorizationException',
}
const librdkafkaNames: Record<Cell, string> = {
  ok: 'ok',
  topic: 'TOPIC_AUTHORIZATION_FAILED',
  group: 'GROUP_AUTHORIZATION_FAILED',
  transaction: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  cluster: 'CLUSTER_AUTHORIZATION_FAILED',
}

let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let attempts: Attempts
let administratorsKey: KafkaLogin
/** In the order of the table. */
let logins: KafkaLogin[]

beforeAll(async () => {
  ;[installation, attempts] = await Promise.all([TestInstallation.start(inject('postgresUrl')), Attempts.compile()])
  organization = await installation.createOrganization()
  cluster = await createCluster(organization)
  const rest = await createClusterKey(installation, organization, cluster)
  administratorsKey = rest
  const numbers = roles.map((_, number) => number)
  const spares = numbers.flatMap((number) => [`${topic}-spare-${number}`, `${topic}-rd-spare-${number}`])
  for (const name of [topic, ...spares]) {
    const made = await rest.rest.post(`/kafka/v3/clusters/${cluster.id}/topics`, {
      topic_name: name,
      partitions_count: 1,
    })
    if (made.status !== 201) throw new Error(made.text)
  }
  const doomed = numbers.flatMap((number) => [`${topic}-doomed-${number}`, `${topic}-rd-doomed-${number}`])
  const reset = ['--reset-offsets', '--to-earliest', '--execute', '--topic', topic]
  const groups = doomed.flatMap((group) => ['--group', group])
  const made = await runKafkaTool(administratorsKey, 'consumer.group.ConsumerGroupCommand', [...reset, ...groups])
  if (made.code !== 0) throw new Error(made.stderr)
  logins = []
  for (const role of roles) logins.push(await holderOf(role))
})
afterAll(async () => {
  await attempts[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

async function holderOf(role: string): Promise<KafkaLogin> {
  const { cloud } = organization
  const made = await cloud.post('/iam/v2/service-accounts', { display_name: role })
  for (const crnPattern of placesOf(role)) {
    const bound = await cloud.post('/iam/v2/role-bindings', {
      principal: `User:${made.body.id}`,
      role_name: role,
      crn_pattern: crnPattern,
    })
    if (bound.status !== 201) throw new Error(bound.text)
  }
  return createClusterKey(installation, organization, cluster, made.body.id)
}

function placesOf(role: string): string[] {
  const root = `crn://confluent.cloud/organization=${organization.organizationId}`
  const environment = `${root}/environment=${organization.environmentId}`
  const inCluster = `${environment}/cloud-cluster=${cluster.id}`
  const kafka = `${inCluster}/kafka=${cluster.id}`
  switch (role) {
    case 'OrganizationAdmin':
      return [root]
    case 'EnvironmentAdmin':
      return [environment]
    case 'CloudClusterAdmin':
    case 'Operator':
    case 'MetricsViewer':
      return [inCluster]
    case 'DeveloperWrite':
      return [`${kafka}/topic=${topic}*`, `${kafka}/transactional-id=${topic}*`]
    case 'no role':
      return []
    default:
      return ['topic', 'group', 'transactional-id'].map((type) => `${kafka}/${type}=${topic}*`)
  }
}

const expected = (names: Record<Cell, string>, wanted: readonly string[]) =>
  Object.fromEntries(
    roles.map((role) => [
      role,
      Object.fromEntries(
        columns.flatMap((column, index) =>
          wanted.includes(column) ? [[column, names[table[role]?.[index] ?? 'ok']]] : [],
        ),
      ),
    ]),
  )

const byRole = (results: readonly Record<string, string>[]) =>
  Object.fromEntries(roles.map((role, index) => [role, results[index]]))

describe('a broker allows exactly what the role of a key’s owner gives', { timeout: 180_000 }, () => {
  it('to Kafka’s own client', async () => {
    const results = await attempts.makeAll(logins, { id: cluster.id, topic }, columns)
    expect(byRole(results)).toEqual(expected(javaNames, columns))
  })

  it('to librdkafka', async ({ skip }) => {
    const problem = await librdkafkaProblem()
    if (problem !== undefined) {
      console.log(problem)
      skip(problem)
    }
    // It cannot reassign partitions.
    const names = columns.slice(0, -1)
    expect(byRole(await attemptWithLibrdkafka(logins, topic, names))).toEqual(expected(librdkafkaNames, names))
  })
})

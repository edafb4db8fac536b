import type { ApiClient } from '@tributary/testkit/apiClient'
import { runKafkaTool } from '@tributary/testkit/kafkaTools'
import { waitUntil } from '@tributary/kit/waitUntil'
import { done } from '../answers.ts'
import type { Stage } from '../stage.ts'

const topicName = 'toured'

/** Does everything once that Kafka REST does. */
export async function tourOfKafkaRest({ login, cluster, serviceAccountId }: Stage): Promise<void> {
  const { rest } = login
  const root = `/kafka/v3/clusters/${cluster.id}`
  await done(200, rest.get('/kafka/v3/clusters'))
  await done(200, rest.get(root))
  await tourOfTopics(rest, root)
  await tourOfConfigs(rest, `${root}/broker-configs`, { name: 'log.retention.ms', value: '1000000' })
  await tourOfAcls(rest, root, serviceAccountId)
  await tourOfGroups(login, root)
  await done(204, rest.delete(`${root}/topics/${topicName}`))
}

async function tourOfTopics(rest: ApiClient, root: string) {
  const topics = `${root}/topics`
  const topic = `${topics}/${topicName}`
  await done(200, rest.post(topics, { topic_name: topicName, validate_only: true }))
  await done(201, rest.post(topics, { topic_name: topicName, partitions_count: 1 }))
  await done(200, rest.get(topics))
  await done(200, rest.get(`${topic}?include_authorized_operations=true`))
  await done(200, rest.patch(topic, { partitions_count: 2 }))
  await done(200, rest.get(`${topic}/partitions`))
  await done(200, rest.get(`${topic}/partitions/0`))
  await done(200, rest.get(`${topics}/-/configs`))
  await done(200, rest.get(`${topic}/default-configs`))
  await tourOfConfigs(rest, `${topic}/configs`, { name: 'retention.ms', value: '1000000' })
  await done(200, rest.post(`${topic}/records`, { value: { type: 'JSON', data: { a: 1 } } }))
}

async function tourOfConfigs(rest: ApiClient, configs: string, { name, value }: { name: string; value: string }) {
  await done(200, rest.get(configs))
  await done(204, rest.request('PUT', `${configs}/${name}`, { body: { value } }))
  await done(200, rest.get(`${configs}/${name}`))
  await done(204, rest.post(`${configs}:alter`, { data: [{ name, value }] }))
  await done(204, rest.delete(`${configs}/${name}`))
}

async function tourOfAcls(rest: ApiClient, root: string, serviceAccountId: string) {
  const pattern = { resource_type: 'TOPIC', resource_name: topicName, pattern_type: 'LITERAL' }
  const access = { principal: `User:${serviceAccountId}`, host: '*', operation: 'READ', permission: 'ALLOW' }
  const acl = { ...pattern, ...access }
  await done(201, rest.post(`${root}/acls`, acl))
  await done(201, rest.post(`${root}/acls:batch`, { data: [{ ...acl, operation: 'WRITE' }] }))
  await done(200, rest.get(`${root}/acls?resource_type=TOPIC`))
  await done(200, rest.delete(`${root}/acls?${new URLSearchParams(acl).toString()}`))
}

/** While a consumer is there. */
async function tourOfGroups(login: Stage['login'], root: string) {
  const { rest } = login
  const groups = `${root}/consumer-groups`
  const group = `${groups}/tourists`
  const consumer = runKafkaTool(login, 'consumer.ConsoleConsumer', [
    ...`--topic ${topicName} --group tourists --from-beginning --max-messages 2 --timeout-ms 60000`.split(' '),
    '--command-property',
    'auto.commit.interval.ms=100',
  ])
  const lag = await waitUntil(async () => (await rest.get(`${group}/lags`)).body?.data?.[0], {
    timeoutMs: 30_000,
    what: 'the group to have committed',
  })
  await done(200, rest.get(groups))
  await done(200, rest.get(group))
  await done(200, rest.get(`${group}/lag-summary`))
  await done(200, rest.get(lag.metadata.self))
  const consumers = await done(200, rest.get(`${group}/consumers`))
  const [member] = consumers.data
  await done(200, rest.get(member.metadata.self))
  const assignments = await done(200, rest.get(member.assignments.related))
  await done(200, rest.get(assignments.data[0].metadata.self))
  // The second message lets the consumer go.
  await done(200, rest.post(`${root}/topics/${topicName}/records`, { value: { type: 'JSON', data: 'go' } }))
  await consumer
}

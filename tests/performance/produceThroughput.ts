import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { createCluster, createClusterKey } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { clientProperties, runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { percentile, ratio, type Figure } from './figure.ts'
import { startStockBroker } from './stockBroker.ts'

const rounds = 8
const records = 250_000
const recordBytes = 1000
const topic = 'throughput'

/** How fast a client produces to a broker with the plugin, in turn with the same broker without it. */
export async function measureProduceThroughput(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl)
  const organization = await installation.createOrganization()
  const cluster = await createCluster(organization)
  const { cloud, organizationId, environmentId } = organization
  const account = await cloud.post('/iam/v2/service-accounts', { display_name: 'producer' })
  const place = `organization=${organizationId}/environment=${environmentId}/cloud-cluster=${cluster.id}`
  await cloud.post('/iam/v2/role-bindings', {
    principal: `User:${account.body.id}`,
    role_name: 'DeveloperWrite',
    crn_pattern: `crn://confluent.cloud/${place}/kafka=${cluster.id}/topic=${topic}*`,
  })
  const administrator = await createClusterKey(installation, organization, cluster)
  const ours: KafkaLogin = await createClusterKey(installation, organization, cluster, account.body.id)
  const member = path.join(installation.home, 'workloads', cluster.id, 'members/1')
  await using stock = await startStockBroker(member, installation.caFile)
  const baseline: KafkaLogin = { bootstrap: stock.bootstrap, caFile: installation.caFile, key: stock.user }
  for (const login of [administrator, baseline]) {
    const made = await runKafkaTool(login, 'TopicCommand', ['--create', '--topic', topic, '--partitions', '3'])
    if (made.code !== 0) throw new Error(made.stderr)
  }
  const [own, others]: [number[], number[]] = [[], []]
  const turns = [async () => own.push(await produce(ours)), async () => others.push(await produce(baseline))]
  await produce(ours)
  await produce(baseline)
  // Each is first as often as second: what one leaves to be written slows down the next.
  for (let round = 0; round < rounds; round++) {
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const value = percentile(own, 0.5) / percentile(others, 0.5)
  return [
    {
      what: 'produce throughput with the plugin ÷ stock SASL_SSL',
      measured: ratio(value),
      atMost: 'at least 0.97',
      holds: value >= 0.97,
      note: `${kilo(percentile(own, 0.5))} against ${kilo(percentile(others, 0.5))} records of ${recordBytes} bytes a second (p50), acks=1, as a service account with DeveloperWrite; ${rounds} of each, in turn`,
    },
  ]
}

const kilo = (perSecond: number) => `${Math.round(perSecond / 1000)} k`

/** Records a second, as Kafka's own tool measures them. */
async function produce(login: KafkaLogin): Promise<number> {
  const { java, classPath } = await loadKafkaRuntime(process.env)
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-producer-'))
  try {
    const config = path.join(directory, 'client.properties')
    await writeFile(config, `${clientProperties(login)}acks=1\n`, { mode: 0o600 })
    const amount = ['--num-records', String(records), '--record-size', String(recordBytes), '--throughput', '-1']
    const args = ['--topic', topic, ...amount, '--command-config', config]
    const { stdout } = await promisify(execFile)(java, [
      '-cp',
      classPath,
      'org.apache.kafka.tools.ProducerPerformance',
      ...args,
    ])
    const [perSecond = ''] = [...stdout.matchAll(/([\d.]+) records\/sec/g)].at(-1)?.slice(1) ?? []
    return Number(perSecond)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

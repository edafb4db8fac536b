import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { createCluster, createClusterKey } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { clientProperties, runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { processesIn } from '@tributary/testkit/processes'
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
  const [pid = 0] = await processesIn(path.join(installation.home, 'workloads'))
  const [own, others]: [Run[], Run[]] = [[], []]
  const turns = [
    async () => own.push(await produce(ours, pid)),
    async () => others.push(await produce(baseline, stock.pid)),
  ]
  // Until both are warm.
  for (let each = 0; each < 2; each++) for (const turn of turns) await turn()
  own.length = 0
  others.length = 0
  // Each is first as often as second: what one leaves to be written slows down the next.
  for (let round = 0; round < rounds; round++) {
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const [fast, baselineFast] = [own, others].map((runs) => median(runs, 'perSecond')) as [number, number]
  const [cpu, baselineCpu] = [own, others].map((runs) => median(runs, 'processorMs')) as [number, number]
  const value = fast / baselineFast
  return [
    {
      what: 'produce throughput with the plugin ÷ stock SASL_SSL',
      measured: ratio(value),
      atMost: 'at least 0.97',
      holds: value >= 0.97,
      note: `${kilo(fast)} against ${kilo(baselineFast)} records of ${recordBytes} bytes a second (p50), acks=1, as a service account with DeveloperWrite; ${rounds} of each, in turn; processor time of the broker ÷ the stock one's: ${ratio(cpu / baselineCpu)}`,
    },
  ]
}

interface Run {
  /** Records. */
  perSecond: number
  /** Of the broker. */
  processorMs: number
}

const median = (runs: readonly Run[], of: keyof Run) =>
  percentile(
    runs.map((run) => run[of]),
    0.5,
  )

/** Of a process so far; Linux counts it in hundredths of a second. */
async function processorMs(pid: number): Promise<number> {
  const [, fields = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(/\) (?!.*\) )/)
  const [user, system] = fields.split(' ').slice(11, 13)
  return 10 * (Number(user) + Number(system))
}

const kilo = (perSecond: number) => `${Math.round(perSecond / 1000)} k`

/** As Kafka's own tool measures it. */
async function produce(login: KafkaLogin, broker: number): Promise<Run> {
  const { java, classPath } = await loadKafkaRuntime(process.env)
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-producer-'))
  try {
    const config = path.join(directory, 'client.properties')
    await writeFile(config, `${clientProperties(login)}acks=1\n`, { mode: 0o600 })
    const amount = ['--num-records', String(records), '--record-size', String(recordBytes), '--throughput', '-1']
    const args = ['--topic', topic, ...amount, '--command-config', config]
    const before = await processorMs(broker)
    const { stdout } = await promisify(execFile)(java, [
      '-cp',
      classPath,
      'org.apache.kafka.tools.ProducerPerformance',
      ...args,
    ])
    const [perSecond = ''] = [...stdout.matchAll(/([\d.]+) records\/sec/g)].at(-1)?.slice(1) ?? []
    return { perSecond: Number(perSecond), processorMs: (await processorMs(broker)) - before }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { createCluster, createClusterKey } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { processesIn } from '@tributary/testkit/processes'
import { librdkafkaProblem, python } from '../clients/librdkafka.ts'
import { percentile, ratio, type Figure } from './figure.ts'
import { startStockBroker } from './stockBroker.ts'

const topic = 'throughput'
const slice = { records: 5000, recordBytes: 1000 }
/** Until the brokers have compiled what they use. */
const warmUp = 60
const rounds = 300

/**
 * How fast a client produces to a broker with the plugin, in turn with the same broker without it. A turn is a fraction of a
 * second, and each is compared with its neighbour: over a minute the same broker is now a fifth faster, now slower.
 */
export async function measureProduceThroughput(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl)
  const problem = await librdkafkaProblem()
  if (problem !== undefined) throw new Error(problem)
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
  await using producer = await startProducer({ own: ours, stock: baseline })
  const turns = [
    { name: 'own', pid },
    { name: 'stock', pid: stock.pid },
  ] as const
  const measured: Record<'own' | 'stock', Turn[]> = { own: [], stock: [] }
  for (let round = -warmUp; round < rounds; round++) {
    // Each is first as often as second: what one leaves to be written slows down the next.
    for (const { name, pid: broker } of round % 2 === 0 ? turns : turns.toReversed()) {
      const before = await processorMs(broker)
      const seconds = await producer.produce(name, slice.records)
      if (round >= 0) measured[name].push({ seconds, processorMs: (await processorMs(broker)) - before })
    }
  }
  const { own, stock: others } = measured
  const throughput = comparison(others.map(({ seconds }, round) => seconds / (own[round]?.seconds ?? NaN)))
  const total = (of: readonly Turn[]) => of.reduce((sum, turn) => sum + turn.processorMs, 0)
  const perSecond = (of: readonly Turn[]) =>
    kilo(
      slice.records /
        percentile(
          of.map(({ seconds }) => seconds),
          0.5,
        ),
    )
  return [
    {
      what: 'produce throughput with the plugin ÷ stock SASL_SSL',
      measured: ratio(throughput.mean),
      atMost: 'at least 0.97',
      holds: throughput.mean >= 0.97,
      note:
        `± ${throughput.standardError.toFixed(3)}; ${perSecond(own)} against ${perSecond(others)} records of ${slice.recordBytes} bytes a second (p50), acks=1, librdkafka, as a service account with DeveloperWrite; ` +
        `${rounds} pairs of turns; processor time of the broker ÷ the stock one's: ${ratio(total(own) / total(others))}`,
    },
  ]
}

interface Turn {
  seconds: number
  /** Of the broker. */
  processorMs: number
}

/** Geometric mean of ratios, and how sure it is. */
function comparison(ratios: readonly number[]) {
  const logs = ratios.map((each) => Math.log(each))
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length
  const variance = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (logs.length - 1)
  return { mean: Math.exp(mean), standardError: Math.sqrt(variance / logs.length) }
}

/** Of all threads of a process so far. */
async function processorMs(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`)
  const times = threads.map(async (thread) => {
    const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0')
    return Number(text.split(' ')[0]) / 1e6
  })
  return (await Promise.all(times)).reduce((sum, each) => sum + each, 0)
}

const kilo = (perSecond: number) => `${Math.round(perSecond / 1000)} k`

/** One client process with a connection for each login. */
async function startProducer(logins: Readonly<Record<string, KafkaLogin>>) {
  await using cleanup = new AsyncDisposableStack()
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-producer-'))
  cleanup.defer(() => rm(directory, { recursive: true, force: true }))
  const file = path.join(directory, 'logins.json')
  const known = Object.entries(logins).map(([name, { bootstrap, caFile, key }]) => [
    name,
    { bootstrap, ca: caFile, id: key.id, secret: key.secret },
  ])
  await writeFile(file, JSON.stringify(Object.fromEntries(known)), { mode: 0o600 })
  const child = spawn(python, [path.join(import.meta.dirname, 'produce.py'), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  cleanup.defer(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.stdin.end()
    await ended
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const started = cleanup.move()
  return {
    async produce(name: string, records: number): Promise<number> {
      child.stdin.write(`${name} ${records}\n`)
      const { value, done } = await answers.next()
      if (done === true) throw new Error('the producer ended')
      return Number(value)
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

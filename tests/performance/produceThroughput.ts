import path from 'node:path'
import { createCluster, createClusterKey } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { processesIn } from '@tributary/testkit/processes'
import { inTurns, ratioOf } from './comparison.ts'
import { percentile, ratio, type Figure } from './figure.ts'
import { processorMs } from './processorTime.ts'
import { startProducer } from './producer.ts'
import { startStockBroker } from './stockBroker.ts'

const topic = 'throughput'
const slice = { records: 5000, recordBytes: 1000 }
/** They are warm when they have compiled what they use. */
const turns = { warmUp: 60, rounds: 300 }

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
  await using producer = await startProducer({ own: ours, stock: baseline })
  const turn = (name: string, broker: number) => async () => {
    const before = await processorMs(broker)
    const [seconds = NaN] = await producer.produce(name, slice.records)
    return { perSecond: slice.records / seconds, processorMs: (await processorMs(broker)) - before }
  }
  const { own, other } = await inTurns(turns, turn('own', pid), turn('stock', stock.pid))
  const { mean, standardError } = ratioOf(rates(own), rates(other))
  return [
    {
      what: 'produce throughput with the plugin ÷ stock SASL_SSL',
      measured: ratio(mean),
      atMost: 'at least 0.97',
      holds: mean >= 0.97,
      note:
        `± ${standardError.toFixed(3)}; ${typical(own)} against ${typical(other)} records of ${slice.recordBytes} bytes a second (p50), acks=1, librdkafka, as a service account with DeveloperWrite; ` +
        `${turns.rounds} pairs of turns; processor time of the broker ÷ the stock one's: ${ratio(total(own) / total(other))}`,
    },
  ]
}

interface Turn {
  /** Records. */
  perSecond: number
  /** Of the broker. */
  processorMs: number
}

const rates = (of: readonly Turn[]) => of.map(({ perSecond }) => perSecond)
const total = (of: readonly Turn[]) => of.reduce((sum, turn) => sum + turn.processorMs, 0)
const typical = (of: readonly Turn[]) => `${Math.round(percentile(rates(of), 0.5) / 1000)} k`

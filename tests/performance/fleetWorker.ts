/**
 * A worker whose workloads are a fake orchestrator's, in memory: a member of each cluster, and it runs. It counts the SQL
 * statements that it sends, and says how many whenever it is asked.
 */
import { X509Certificate } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { createLog } from '@tributary/kit/log'
import { systemClock } from '@tributary/kit/clock'
import { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'
import { MemoryMachines } from '@tributary/testkit/fakeMachines'
import { startWorker } from '@tributary/worker/startWorker'
import { Client } from 'pg'

const { DATABASE_URL: databaseUrl = '', REDIS_URL: redisUrl = '', TRIBUTARY_HOME: home = '' } = process.env
const orchestrator = new FakeOrchestrator(new MemoryMachines(), systemClock, { watchEveryMs: 1000 })
const client = new Client({ connectionString: databaseUrl })
await client.connect()
const { rows: clusters } = await client.query<{ id: string }>('SELECT id FROM kafka_clusters')
await client.end()
const member = { id: 1, zone: 'zone-1' }
const broker = { ...member, files: {}, process: { mainClass: 'Broker', jvmOptions: [], arguments: [] } }
for (const { id } of clusters) {
  await orchestrator.reserve(id, { members: [member], ports: [] })
  await orchestrator.apply({ name: id, runtime: 'kafka', members: [broker] }, 0)
}

let statements = 0
Client.prototype.query = new Proxy(Reflect.get(Client.prototype, 'query'), {
  apply(send, client, args) {
    statements++
    return Reflect.apply(send, client, args) as unknown
  },
})

/** An admin client, as far as it is of interest here. */
interface QuotasAdmin {
  describeClientQuotas(asked: unknown): Promise<{ entity: { entityName?: string | null | undefined }[] }[]>
}

/**
 * Asked for client quotas, the one broker there is says of the cluster's own users, which are named after it, what the
 * broker of whichever like asks would say.
 */
subscribe('plt:kafka:instances', (created) => {
  const { type, instance: admin } = created as { type: string; instance: QuotasAdmin }
  if (type !== 'admin') return
  const options = Object.getOwnPropertySymbols(admin).find(
    ({ description }) => description === 'plt.kafka.base.options',
  )
  const { tls } = Reflect.get(admin, options ?? '') as { tls: { cert: string } }
  const like = String(new X509Certificate(tls.cert).toLegacyObject().subject.CN)
  const describe = admin.describeClientQuotas.bind(admin)
  admin.describeClientQuotas = async (asked) => {
    const quotas = await describe(asked)
    for (const part of quotas.flatMap(({ entity }) => entity)) {
      part.entityName = part.entityName?.replace(/^lkc-\w+/, like)
    }
    return quotas
  }
})

const log = createLog('worker', 'warn')
const stop = await startWorker({ databaseUrl, redisUrl, home, leaseTtlMs: 5000, orchestrator, log })
process.on('message', () => process.send?.(statements))
process.once('disconnect', () => void stop().finally(() => process.exit()))
process.send?.('working')

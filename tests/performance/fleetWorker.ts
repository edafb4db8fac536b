/**
 * A worker whose workloads are a fake orchestrator's, in memory: a member of each cluster, and it runs. It counts the SQL
 * statements that it sends, and says how many whenever it is asked.
 */
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

const log = createLog('worker', 'warn')
const stop = await startWorker({ databaseUrl, redisUrl, home, leaseTtlMs: 5000, orchestrator, log })
process.on('message', () => process.send?.(statements))
process.once('disconnect', () => void stop().finally(() => process.exit()))
process.send?.('working')

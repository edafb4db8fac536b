import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { loadFormation, type ClusterFormation } from '@tributary/control/kafkaClusters/formation'
import { controlPlaneConnection } from '@tributary/control/kafkaClusters/controlPlaneConnection'
import { openInstallation } from '@tributary/control/openInstallation'
import { createPrisma } from '@tributary/database/database'
import { withAdmin } from '@tributary/kafka/connection'
import { waitUntil } from '@tributary/kit/waitUntil'
import type { Address } from '@tributary/orchestrators/contract'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { setDatabaseReachable } from '@tributary/testkit/database'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { runKafkaTool } from '@tributary/testkit/kafkaTools'
import { processesIn } from '@tributary/testkit/processes'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { WireConnection } from '../security/wire.ts'

/** One cluster of three brokers, to which everything happens in turn. */
let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let formation: ClusterFormation
let key: Awaited<ReturnType<typeof createClusterKey>>
let ca: string

const topic = 'orders'
const produced = new Set<string>()

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  organization = await installation.createOrganization()
  ca = await readFile(installation.caFile, 'utf8')
  cluster = await createCluster(organization, { availability: 'MULTI_ZONE', config: { kind: 'Dedicated', cku: 2 } })
  const prisma = createPrisma({ url: installation.databaseUrl, role: 'tributary_worker', maxConnections: 1 })
  const opened = await openInstallation(installation.home)
  const found = await loadFormation(cluster.id, { prisma, installation: opened })
  if (found === undefined) throw new Error('not formed')
  formation = found
  await prisma.$disconnect()
  key = await createClusterKey(installation, organization, cluster)
})
afterAll(() => installation[Symbol.asyncDispose]())

const externalOf = (broker: number): Address => {
  const address = formation.brokers.find(({ id }) => id === broker)?.endpoints.external.advertised
  if (address === undefined) throw new Error(`no broker ${broker}`)
  return address
}

/** What one broker says to a key: `closed` when it lets nobody in yet. */
const login = async (broker: number, { key: { id, secret } } = key): Promise<'accepted' | 'refused' | 'closed'> => {
  try {
    using connection = await WireConnection.open(externalOf(broker), { ca })
    if ((await connection.ask()) !== 'answered') return 'closed'
    return await connection.authenticate({ id, secret })
  } catch {
    return 'closed'
  }
}
const accepted = (broker: number, login_ = key) =>
  waitUntil(async () => (await login(broker, login_)) === 'accepted', {
    timeoutMs: 30_000,
    everyMs: 20,
    what: `broker ${broker} to accept the key`,
  })

const pidOf = async (broker: number): Promise<number | undefined> => {
  const [pid] = await processesIn(`-Dtributary.member=${installation.home}/workloads/${cluster.id}/members/${broker} `)
  return pid
}
const kill = async (broker: number): Promise<number> => {
  const pid = await pidOf(broker)
  if (pid === undefined) throw new Error(`broker ${broker} does not run`)
  process.kill(pid, 'SIGKILL')
  return pid
}
const startedAgain = (broker: number, before: number) =>
  waitUntil(async () => ![undefined, before].includes(await pidOf(broker)), {
    timeoutMs: 15_000,
    what: `broker ${broker} to be started again`,
  })

const inside = async () => controlPlaneConnection(cluster.id, formation)
const describeTopics = async (topics: string[]) =>
  withAdmin(await inside(), (admin) => admin.metadata({ topics, forceUpdate: true }))
const allInSync = () =>
  waitUntil(
    async () => {
      const { topics } = await describeTopics([topic, '__tributary_access'])
      return [...topics.values()].every(({ partitions }) =>
        Object.values(partitions).every(({ isr }) => isr.length === 3),
      )
    },
    { timeoutMs: 30_000, everyMs: 200, what: 'every replica to be in sync' },
  )

const produce = async (prefix: string, count: number) => {
  const lines = Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
  const result = await runKafkaTool(key, 'ConsoleProducer', ['--topic', topic], `${lines.join('\n')}\n`)
  if (/Exception|ERROR Error/.test(result.stderr)) throw new Error(result.stderr)
  for (const line of lines) produced.add(line)
}
const consumed = async () => {
  const args = `--topic ${topic} --from-beginning --max-messages ${produced.size} --timeout-ms 30000`.split(' ')
  const { stdout } = await runKafkaTool(key, 'consumer.ConsoleConsumer', args)
  return new Set(stdout.trim().split('\n'))
}

describe('a cluster over several zones has three brokers in three zones, and keeps everything three times', () => {
  it('places, replicates and requires two of three', async () => {
    const created = await key.rest.post(`/kafka/v3/clusters/${cluster.id}/topics`, { topic_name: topic })
    expect(created.status).toBe(201)
    await produce('first', 10)
    expect(await consumed()).toEqual(produced)
    const { stdout } = await runKafkaTool(key, 'TopicCommand', ['--describe'])
    const described = stdout.matchAll(/^Topic: (\S+).*ReplicationFactor: (\d)/gm)
    expect(Object.fromEntries([...described].map(([, name, factor]) => [name, factor]))).toEqual({
      [topic]: '3',
      __consumer_offsets: '3',
      __transaction_state: '3',
    })
    expect(stdout).toMatch(/^Topic: orders.*min\.insync\.replicas=2/m)
    const { brokers, topics } = await describeTopics(['__tributary_access'])
    expect(topics.get('__tributary_access')?.partitions[0]?.replicas).toHaveLength(3)
    expect(new Set([...brokers.values()].map(({ rack }) => rack))).toEqual(new Set(['zone-1', 'zone-2', 'zone-3']))
  })
})

describe('a killed broker is started again, and nobody waits for it', () => {
  it('goes on with acks=all, loses nothing, and the broker rejoins', async () => {
    const before = await kill(2)
    const killedAt = Date.now()
    await Promise.all([
      produce('one-down', 2000),
      startedAgain(2, before).then(() => console.log(`killed broker: started again after ${Date.now() - killedAt} ms`)),
    ])
    await accepted(2)
    await allInSync()
    console.log(`killed broker: in sync again after ${Date.now() - killedAt} ms`)
    expect(await consumed()).toEqual(produced)
  })

  it('brings all three back when all are killed at once, at the same addresses with the same data', async () => {
    const before = await Promise.all([1, 2, 3].map(kill))
    await Promise.all([1, 2, 3].map((broker, index) => startedAgain(broker, before[index] ?? 0)))
    await Promise.all([1, 2, 3].map((broker) => accepted(broker)))
    await allInSync()
    expect(await consumed()).toEqual(produced)
    expect((await organization.cloud.get(cluster.path)).body.spec.kafka_bootstrap_endpoint).toBe(cluster.bootstrap)
  })
})

describe('a key that was deleted while a broker was down is dead when it returns', () => {
  it('is refused by that broker from the first moment on which it lets anyone in', async () => {
    const doomed = await createClusterKey(installation, organization, cluster)
    await accepted(3, doomed)
    const { host, port } = externalOf(3)
    const squatter = createServer((socket) => socket.destroy())
    await kill(3)
    await waitUntil(
      () =>
        new Promise<boolean>((resolve) => {
          squatter.once('error', () => resolve(false))
          squatter.listen({ host, port }, () => resolve(true))
        }),
      { timeoutMs: 5000, everyMs: 5, what: 'the port of broker 3 to be taken' },
    )
    expect((await organization.cloud.delete(`/iam/v2/api-keys/${doomed.key.id}`)).status).toBe(204)
    await waitUntil(async () => (await login(1, doomed)) === 'refused' && (await login(2, doomed)) === 'refused', {
      timeoutMs: 10_000,
      what: 'the other brokers to refuse the key',
    })
    expect(await login(3, doomed)).toBe('closed')
    await new Promise((resolve) => squatter.close(resolve))
    const first = await waitUntil(
      async () => {
        const said = await login(3, doomed)
        return said === 'closed' ? undefined : said
      },
      { timeoutMs: 60_000, everyMs: 5, what: 'broker 3 to let clients in' },
    )
    expect(first).toBe('refused')
    expect(await login(3)).toBe('accepted')
    await allInSync()
  })
})

describe('brokers need no control plane', () => {
  it('authenticate with api, worker, Redis and database away, also after a restart of a broker', async () => {
    await Promise.all([installation.endProgram('api', 'SIGKILL'), installation.endProgram('worker', 'SIGKILL')])
    await installation.stopRedis()
    await setDatabaseReachable(installation.databaseUrl, false)
    await kill(1)
    await installation.orchestrator.replace(cluster.id, 1)
    await accepted(1)
    expect(await login(1, { ...key, key: { ...key.key, secret: 'wrong' } })).toBe('refused')
    await allInSync()
    await produce('alone', 10)
    expect(await consumed()).toEqual(produced)
  })
})

describe('after a stop of everything, everything comes back', () => {
  it('at the same addresses, with the same data', async () => {
    await installation.orchestrator.stopAll()
    expect(await processesIn(`${installation.home}/workloads`)).toEqual([])
    await setDatabaseReachable(installation.databaseUrl, true)
    await installation.startRedis()
    await Promise.all([installation.startProgram('api'), installation.startProgram('worker')])
    await Promise.all([1, 2, 3].map((broker) => accepted(broker)))
    const answer = await organization.cloud.get(cluster.path)
    expect(answer.body.spec.kafka_bootstrap_endpoint).toBe(cluster.bootstrap)
    expect(await consumed()).toEqual(produced)
  })
})

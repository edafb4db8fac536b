import { waitUntil } from '@tributary/kit/waitUntil'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { runKafkaTool, type KafkaLogin } from '@tributary/testkit/kafkaTools'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

let installation: TestInstallation
let organization: Organization
let cluster: ProvisionedCluster
let administrator: KafkaLogin
let machine: KafkaLogin
let machineId: string

const topic = 'measured'
const mebibyte = 1_048_576

beforeAll(async () => {
  installation = await TestInstallation.start(inject('postgresUrl'))
  organization = await installation.createOrganization()
  cluster = await createCluster(organization)
  const account = await organization.cloud.post('/iam/v2/service-accounts', { display_name: 'machine' })
  machineId = account.body.id
  const key = await createClusterKey(installation, organization, cluster)
  administrator = key
  machine = await createClusterKey(installation, organization, cluster, machineId)
  const made = await key.rest.post(`/kafka/v3/clusters/${cluster.id}/topics`, { topic_name: topic })
  if (made.status !== 201) throw new Error(`the topic was refused: ${made.text}`)
  const grant = ['--add', '--operation', 'Write', '--topic', topic, '--allow-principal', `User:${machineId}`]
  const granted = await runKafkaTool(administrator, 'AclCommand', grant)
  if (granted.code !== 0) throw new Error(`the machine may not write: ${granted.stderr}`)
})
afterAll(() => installation[Symbol.asyncDispose]())

const limit = async (principal: string, bytesPerSecond: number) => {
  const answer = await organization.cloud.post('/kafka-quotas/v1/client-quotas', {
    spec: {
      display_name: principal,
      throughput: { ingress_byte_rate: String(bytesPerSecond), egress_byte_rate: String(mebibyte) },
      principals: [{ id: principal }],
      cluster: { id: cluster.id },
      environment: { id: organization.environmentId },
    },
  })
  expect(answer.status).toBe(202)
}
const settled = () =>
  waitUntil(
    async () => {
      const { body } = await organization.cloud.get(`/tributary/v1/operations?resource=${cluster.id}`)
      const parts = body.resource.reconciliations as { kind: string; generation: number; observed_generation: number }[]
      const part = parts.find(({ kind }) => kind === 'kafka-configuration')
      return part?.generation === part?.observed_generation
    },
    { timeoutMs: 10_000, what: 'the quotas to be in Kafka' },
  )

// In batches of ten: what is not record hardly counts.
const recordBytes = 8000
const batchBytes = 81_920
const windowMs = 13_000
// Half as much again as is allowed. Kafka looks back eleven seconds: after a burst of all that they allow it would
// answer with as long a silence, then let pass another, and one would measure that rhythm.
const offered = (1.5 * mebibyte) / recordBytes

/** Bytes a second that a producer gets through, in the windows after the first two. */
async function throughput(login: KafkaLogin): Promise<number> {
  const records = Math.ceil((mebibyte * 58) / recordBytes)
  const { stdout, stderr } = await runKafkaTool(login, 'ProducerPerformance', [
    ...`--topic ${topic} --num-records ${records} --record-size ${recordBytes} --throughput ${Math.ceil(offered)}`.split(
      ' ',
    ),
    ...`--reporting-interval ${windowMs} --command-property batch.size=${batchBytes}`.split(' '),
  ])
  const reports = stdout.matchAll(/^\d+ records sent, ([\d.]+) records\/sec .*max latency\.$/gm)
  const windows = Array.from(reports, ([, rate]) => Math.round(Number(rate) * recordBytes))
  console.log(`${login.key.id}: ${windows.join(', ')} bytes/s`)
  const steady = windows.slice(2)
  if (steady.length < 2) throw new Error(`it ended too soon: ${stdout}${stderr}`)
  return steady.reduce((sum, rate) => sum + rate, 0) / steady.length
}

describe('a producer that sends more than it may', { timeout: 180_000 }, () => {
  it('is held to its quota within a tenth, and to the default where it has none of its own', async () => {
    await Promise.all([limit(machineId, mebibyte), limit('<default>', mebibyte)])
    await settled()
    for (const measured of await Promise.all([throughput(machine), throughput(administrator)])) {
      expect(measured).toBeGreaterThan(0.9 * mebibyte)
      expect(measured).toBeLessThan(1.1 * mebibyte)
    }
  })
})

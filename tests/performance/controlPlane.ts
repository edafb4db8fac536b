import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { createCluster, createClusterKey } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation } from '@tributary/testkit/installation'
import { runKafkaTool } from '@tributary/testkit/kafkaTools'
import { processesIn } from '@tributary/testkit/processes'
import { inTurns } from './comparison.ts'
import { percentile, ratio, type Figure } from './figure.ts'
import { startProducer } from './producer.ts'

const turns = { warmUp: 3, rounds: 40 }
const records = 400
const pauseSeconds = 0.005

/** Whether producers notice that API, worker, Redis and Postgres stand still. */
export async function measureWithoutControlPlane(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl)
  const organization = await installation.createOrganization()
  const cluster = await createCluster(organization)
  const login = await createClusterKey(installation, organization, cluster)
  const made = await runKafkaTool(login, 'TopicCommand', ['--create', '--topic', 'throughput', '--partitions', '3'])
  if (made.code !== 0) throw new Error(made.stderr)
  const programs = [installation.program('api')?.pid ?? 0, installation.program('worker')?.pid ?? 0]
  const redis = await processesIn(new URL(installation.redisUrl).host)
  const controlPlane = [...programs, ...redis, ...(await postgresProcesses(installation.databaseUrl))]
  await using producer = await startProducer({ client: login })
  const produce = () => producer.produce('client', records, pauseSeconds)
  const { own: stopped, other: running } = await inTurns(
    turns,
    async () => {
      try {
        signal(controlPlane, 'SIGSTOP')
        return await produce()
      } finally {
        signal(controlPlane, 'SIGCONT')
      }
    },
    produce,
  )
  const [stoppedMs, runningMs] = [stopped, running].map((taken) => 1000 * percentile(taken.flat(), 0.99)) as [
    number,
    number,
  ]
  return [
    {
      what: 'produce with the whole control plane stopped ÷ running (p99)',
      measured: ratio(stoppedMs / runningMs),
      atMost: '1.02',
      holds: stoppedMs / runningMs <= 1.02,
      note: `${stoppedMs.toFixed(2)} against ${runningMs.toFixed(2)} ms until a record is acknowledged, one every ${1000 * pauseSeconds} ms; API, worker, Redis and Postgres stopped for a turn of ${records}; ${turns.rounds} pairs of turns`,
    },
  ]
}

/** Postgres ends processes of its own accord. */
function signal(pids: readonly number[], name: NodeJS.Signals) {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

async function postgresProcesses(databaseUrl: string): Promise<number[]> {
  const [row] = await queryAsOwner<{ data_directory: string }>(databaseUrl, 'SHOW data_directory')
  const file = await readFile(path.join(row?.data_directory ?? '', 'postmaster.pid'), 'utf8')
  const postmaster = Number.parseInt(file, 10)
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(postmaster)])
  return [postmaster, ...stdout.trim().split(/\s+/).map(Number)]
}

import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { createCluster, createClusterKey } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { megabytes, type Figure } from './figure.ts'

/** How long everything is left alone before it counts as at rest. */
const restMs = 30_000

/** Resident memory of each process half a minute after a cluster was made and its key used. */
export async function measureMemory(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl)
  const organization = await installation.createOrganization()
  const cluster = await createCluster(organization)
  await createClusterKey(installation, organization, cluster)
  await delay(restMs)
  const [broker = 0] = await processesIn(path.join(installation.home, 'workloads'))
  const limits = [
    ['api', installation.program('api')?.pid ?? 0, 250],
    ['worker', installation.program('worker')?.pid ?? 0, 200],
    ['idle broker', broker, 190],
  ] as const
  return Promise.all(
    limits.map(async ([what, pid, limit]) => {
      const bytes = await residentBytes(pid)
      return {
        what: `memory at rest: ${what}`,
        measured: megabytes(bytes),
        atMost: `${limit} MB`,
        holds: bytes <= limit * 1024 ** 2,
        note: 'resident set, 30 s after the last request',
      }
    }),
  )
}

async function residentBytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(stdout.trim()) * 1024
}

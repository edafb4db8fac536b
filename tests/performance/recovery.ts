import { waitUntil } from '@tributary/kit/waitUntil'
import { createCluster, createClusterKey, type ProvisionedCluster } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import { emptyRedis } from '@tributary/testkit/redis'
import { milliseconds, percentile, type Figure } from './figure.ts'

const rounds = 10
/** What an installation has by default. */
const leaseTtlMs = 5000

/** How soon what was asked for is carried out though Redis was emptied, or the worker that had the lease was killed. */
export async function measureRecovery(postgresUrl: string): Promise<Figure[]> {
  const environment = { TRIBUTARY_LEASE_TTL_MS: String(leaseTtlMs) }
  await using installation = await TestInstallation.start(postgresUrl, { environment })
  const organization = await installation.createOrganization()
  const cluster = await createCluster(organization)
  await createClusterKey(installation, organization, cluster)
  const emptied: number[] = []
  const killed: number[] = []
  for (let round = 0; round < rounds; round++) {
    emptied.push(await afterFlush(installation, organization, cluster))
    killed.push(await afterKill(installation, organization))
  }
  return [
    {
      what: 'recovery after FLUSHALL',
      measured: milliseconds(percentile(emptied, 1)),
      atMost: '30000 ms',
      holds: percentile(emptied, 1) <= 30_000,
      note: `20 keys made while Redis is emptied again and again, then until all are carried out; p50 ${milliseconds(percentile(emptied, 0.5))}, the slowest of ${rounds}`,
    },
    {
      what: 'recovery after kill -9 of a worker',
      measured: milliseconds(percentile(killed, 1)),
      atMost: `lease + 2000 ms (${leaseTtlMs + 2000} ms)`,
      holds: percentile(killed, 1) <= leaseTtlMs + 2000,
      note: `from the kill until the other worker has taken over what it held; p50 ${milliseconds(percentile(killed, 0.5))}, the slowest of ${rounds}`,
    },
  ]
}

async function afterFlush(
  { redisUrl, databaseUrl }: TestInstallation,
  { cloud, administratorId }: Organization,
  cluster: ProvisionedCluster,
): Promise<number> {
  for (let n = 0; n < 20; n++) {
    const spec = { owner: { id: administratorId }, resource: { id: cluster.id } }
    const { status, text } = await cloud.post('/iam/v2/api-keys', { spec })
    if (status !== 202) throw new Error(text)
    await emptyRedis(redisUrl)
  }
  const begun = performance.now()
  await until(
    'all keys to be carried out',
    databaseUrl,
    'SELECT 1 FROM resources WHERE observed_generation < generation',
  )
  return performance.now() - begun
}

/** A second worker is killed with the first lease of a cluster that it takes; the other one runs all the time. */
async function afterKill(installation: TestInstallation, organization: Organization): Promise<number> {
  const { databaseUrl } = installation
  await installation.startProgram('worker', { TRIBUTARY_FAILPOINT: 'kafka-cluster:after-acquire' }, 'victim')
  const creating = createCluster(organization, { display_name: 'outlives a worker' })
  await waitUntil(() => installation.program('victim')?.signalCode === 'SIGKILL', {
    timeoutMs: 60_000,
    everyMs: 5,
    what: 'the worker to be killed',
  })
  const begun = performance.now()
  await until(
    'the other worker to take over',
    databaseUrl,
    `SELECT 1 FROM resources WHERE kind = 'kafka-cluster' AND lease_holder LIKE '%/${installation.program('victim')?.pid}'`,
  )
  const took = performance.now() - begun
  await organization.cloud.delete((await creating).path)
  return took
}

/** Until a query finds nothing any more. */
const until = (what: string, databaseUrl: string, text: string) =>
  waitUntil(async () => (await queryAsOwner(databaseUrl, text)).length === 0, { timeoutMs: 60_000, everyMs: 20, what })

import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openInstallation } from '@tributary/control/openInstallation'
import { authorityKeyContext } from '@tributary/control/kafkaClusters/formation'
import { seal, unseal } from '@tributary/kit/seal'
import { waitUntil } from '@tributary/kit/waitUntil'
import { createCluster } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation, type Organization } from '@tributary/testkit/installation'
import type { Figure } from './figure.ts'
import { processorMs } from './processorTime.ts'

const clusters = 10_000
const changesPerMinute = clusters / 100
const seconds = 60

/**
 * What a worker has to do for a large fleet, of which a hundredth changes each minute. The clusters are one that is real,
 * and its likes: the same broker answers for all of them, and what says that their processes run is a fake orchestrator.
 */
export async function measureFleet(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl)
  const organization = await installation.createOrganization()
  const cluster = await createCluster(organization)
  await nothingIsBehind(installation.databaseUrl)
  await installation.endProgram('worker', 'SIGTERM')
  const ids = await multiply(installation, organization, cluster.id)
  const worker = fork(path.join(import.meta.dirname, 'fleetWorker.ts'), { env: installation.environment })
  await once(worker, 'message')
  const statements = async () => {
    worker.send('how many')
    const [count] = await once(worker, 'message')
    return Number(count)
  }
  try {
    await settled(installation.databaseUrl)
    const before = { statements: await statements(), processorMs: await processorMs(worker.pid ?? 0) }
    await change(organization, ids, seconds)
    const perSweep = ((await statements()) - before.statements) / seconds
    const ofACore = ((await processorMs(worker.pid ?? 0)) - before.processorMs) / (1000 * seconds)
    const note = `${clusters} clusters, ${changesPerMinute} changed each minute by a new key, observation included; a sweep is a second; over ${seconds} s`
    return [
      {
        what: 'large fleet: SQL statements of the worker in a sweep',
        measured: perSweep.toFixed(0),
        atMost: '50',
        holds: perSweep <= 50,
        note,
      },
      {
        what: 'large fleet: processor time of the worker, of one core',
        measured: `${(100 * ofACore).toFixed(0)} %`,
        atMost: '20 %',
        holds: ofACore <= 0.2,
        note,
      },
    ]
  } finally {
    worker.disconnect()
    await once(worker, 'exit')
  }
}

/** Until the likes can be made: of a cluster of which something is on its way, each like would have it to do. */
const nothingIsBehind = (databaseUrl: string) =>
  waitUntil(
    async () => {
      const behind = await queryAsOwner(
        databaseUrl,
        'SELECT 1 FROM resources WHERE observed_generation < generation OR lease_holder IS NOT NULL',
      )
      return behind.length === 0
    },
    { timeoutMs: 60_000, what: 'every reconciler of the cluster to have nothing to do' },
  )

/** Until every cluster was looked at, as a worker does when it starts, and the jobs for that are used up. */
async function settled(databaseUrl: string): Promise<void> {
  let before = 0
  await waitUntil(
    async () => {
      const [row] = await queryAsOwner<{ looks: number }>(
        databaseUrl,
        'SELECT last_value::int AS looks FROM lease_tokens',
      )
      const looks = row?.looks ?? 0
      const inASecond = looks - before
      before = looks
      return looks >= clusters && inASecond < 20
    },
    { timeoutMs: 600_000, everyMs: 1000, what: 'the worker to look at every cluster' },
  )
}

/** Changes clusters at an even pace. */
async function change({ cloud, administratorId }: Organization, ids: readonly string[], forSeconds: number) {
  const until = performance.now() + 1000 * forSeconds
  for (let n = 0; performance.now() < until; n++) {
    const resource = { id: ids[Math.floor(Math.random() * ids.length)] }
    const made = await cloud.post('/iam/v2/api-keys', { spec: { owner: { id: administratorId }, resource } })
    if (made.status !== 202) throw new Error(made.text)
    await delay(60_000 / changesPerMinute)
  }
}

/** Makes so many likes of a cluster, settled, whose looks are as far apart as in a fleet that has been there for long. */
async function multiply(
  installation: TestInstallation,
  { organizationId }: Organization,
  id: string,
): Promise<string[]> {
  const { databaseUrl, home } = installation
  const ids = Array.from({ length: clusters - 1 }, (_, n) => `lkc-${(n + 1).toString(36).padStart(6, '0')}`)
  const [row] = await queryAsOwner<{ wrapped: Buffer; sealed: Buffer }>(
    databaseUrl,
    `SELECT wrapped_data_key AS wrapped, sealed_authority_key AS sealed
     FROM kafka_cluster_formations JOIN organizations ON organizations.id = organization_id WHERE cluster_id = $1`,
    [id],
  )
  if (row === undefined) throw new Error(`${id} has no formation`)
  const dataKey = (await openInstallation(home)).keyring.openDataKey(organizationId, row.wrapped)
  const authorityKey = unseal(dataKey, row.sealed, authorityKeyContext(id))
  const sealed = ids.map((like) => seal(dataKey, authorityKey, authorityKeyContext(like)))
  const likeIt = async (table: string, key: string, columns: Record<string, string> = {}) => {
    const known = await queryAsOwner<{ name: string }>(
      databaseUrl,
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
      [table],
    )
    const values = known.map(({ name }) => (name === key ? 'made.id' : (columns[name] ?? `original.${name}`)))
    await queryAsOwner(
      databaseUrl,
      `WITH unwatched AS (SELECT set_config('session_replication_role', 'replica', false))
       INSERT INTO ${table} (${known.map(({ name }) => name).join()})
       SELECT ${values.join()} FROM unwatched, ${table} AS original, unnest($2::text[], $3::bytea[]) AS made (id, sealed)
       WHERE original.${key} = $1`,
      [id, ids, sealed],
    )
  }
  await likeIt('kafka_clusters', 'id', { display_name: "'like ' || made.id" })
  await likeIt('kafka_cluster_formations', 'cluster_id', { sealed_authority_key: 'made.sealed' })
  await likeIt('kafka_brokers', 'cluster_id')
  await likeIt('access_publications', 'cluster_id')
  await likeIt('resources', 'id', { next_check_at: "now() + random() * interval '4 hours'" })
  await queryAsOwner(databaseUrl, 'ANALYZE')
  return ids
}

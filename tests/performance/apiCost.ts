import { clusterSpec } from '@tributary/testkit/clusters'
import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation } from '@tributary/testkit/installation'
import { startBaseline } from './baseline.ts'
import { inTurns, ratioOf } from './comparison.ts'
import { percentile, ratio, type Figure } from './figure.ts'
import { HttpLoad } from './httpLoad.ts'
import { processorMs } from './processorTime.ts'

const turns = { warmUp: 10, rounds: 40 }
const gets = 500
const creates = 100
const concurrency = 8

/** What the API's own work costs, beside Fastify, Postgres' client and Postgres itself, which it stands on. */
export async function measureApiCost(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl, { worker: false })
  const { databaseUrl, endpoint } = installation
  const { organizationId, environmentId, cloud, cloudKey } = await installation.createOrganization()
  await liftQuotas(databaseUrl, organizationId, environmentId)
  const { body: cluster } = await cloud.post('/cmk/v2/clusters', clusterSpec(environmentId))
  const api = installation.program('api')?.pid ?? 0
  await using baseline = await startBaseline(databaseUrl, organizationId)
  using ours = new HttpLoad(endpoint, cloudKey)
  using bare = new HttpLoad(baseline.endpoint)

  const get = { method: 'GET', path: `/cmk/v2/clusters/${cluster.id}?environment=${environmentId}` }
  const reading = (path: string) =>
    inTurns(
      turns,
      () => perRequest(gets, [api], () => ours.inTurn(gets, concurrency, () => get)),
      () => perRequest(gets, [baseline.pid], () => bare.inTurn(gets, concurrency, () => ({ method: 'GET', path }))),
    )
  const reads = await reading(`/clusters/${cluster.id}`)
  const readsOfBoth = await reading(`/clusters/${cluster.id}/as/${cloudKey.id}`)

  let named = 0
  const create = () => {
    const body = clusterSpec(environmentId, { display_name: `cluster ${named++}` })
    return { method: 'POST', path: '/cmk/v2/clusters', body }
  }
  const createMany = () => ours.inTurn(creates, concurrency, create)
  // Opens the connections that are measured.
  await createMany()
  const [apiBackends, baselineBackends] = [
    await backendsOf(databaseUrl, ''),
    await backendsOf(databaseUrl, baseline.applicationName),
  ]
  const creating = await inTurns(
    turns,
    () => perRequest(creates, [api, ...apiBackends], createMany),
    () =>
      perRequest(creates, [baseline.pid, ...baselineBackends], () =>
        baseline.create({ count: creates, concurrency, organizationId, environmentId }),
      ),
  )
  return [
    cost(
      'an authenticated GET ÷ bare Fastify and pg with the same query',
      2,
      reads,
      `a cluster, with an API key; ÷ the same with both queries, the key's too: ${ratio(ratioOf(readsOfBoth.own, readsOfBoth.other).mean)}`,
    ),
    cost('a POST that creates ÷ its rows as plain SQL in one transaction', 1.5, creating, 'a cluster; with Postgres'),
  ]
}

function cost(what: string, atMost: number, { own, other }: { own: number[]; other: number[] }, note: string): Figure {
  const { mean, standardError } = ratioOf(own, other)
  const [ownMs, otherMs] = [percentile(own, 0.5), percentile(other, 0.5)]
  return {
    what: `processor time of ${what}`,
    measured: ratio(mean),
    atMost: ratio(atMost),
    holds: mean <= atMost,
    note: `± ${standardError.toFixed(3)}; ${ownMs.toFixed(2)} against ${otherMs.toFixed(2)} ms (p50); ${note}; ${concurrency} at a time, ${turns.rounds} pairs of turns`,
  }
}

async function perRequest(count: number, pids: readonly number[], work: () => Promise<unknown>): Promise<number> {
  const before = await processorMs(...pids)
  await work()
  return ((await processorMs(...pids)) - before) / count
}

/** The processes of Postgres that serve a program, which must have opened its connections. */
async function backendsOf(databaseUrl: string, applicationName: string): Promise<number[]> {
  const rows = await queryAsOwner<{ pid: number }>(
    databaseUrl,
    `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()`,
    [applicationName],
  )
  return rows.map(({ pid }) => pid)
}

async function liftQuotas(databaseUrl: string, organizationId: string, environmentId: string) {
  await queryAsOwner(
    databaseUrl,
    `INSERT INTO applied_service_quotas (organization_id, quota_id, scope_id, applied_limit)
     VALUES ($1::uuid, 'iam.max_kafka_clusters.per_org', $3, 1000000), ($1::uuid, 'kafka.max_kafka_clusters.per_env', $2, 1000000)
     ON CONFLICT (organization_id, quota_id, scope_id) DO UPDATE SET applied_limit = excluded.applied_limit`,
    [organizationId, environmentId, organizationId],
  )
}

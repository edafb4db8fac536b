import { clusterSpec } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { startBaseline } from './baseline.ts'
import { milliseconds, percentile, type Figure } from './figure.ts'
import { HttpLoad, type LoadRequest } from './httpLoad.ts'

const accounts = 200
const share = 0.7
const concurrency = 32
/** To be as fast as it can, and again at the pace: what it can do for a moment is more than it can go on doing. */
const seconds = 10
/** One hiccup of the machine is the p99 of a turn, and a machine is now a third faster, now slower. */
const turns = 5

const get = (path: string) => () => ({ method: 'GET', path })

/** How long an API takes whose users ask for 70 % of what it can do, and do not wait for one another. */
export async function measureApiLatency(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl, { worker: false })
  const { organizationId, environmentId, cloud, cloudKey } = await installation.createOrganization()
  const { body: cluster } = await cloud.post('/cmk/v2/clusters', clusterSpec(environmentId))
  const ids: string[] = []
  for (let n = 0; n < accounts; n++) {
    const { body } = await cloud.post('/iam/v2/service-accounts', { display_name: `account ${n}` })
    ids.push(body.id)
  }
  let turn = 0
  const account = () => `/iam/v2/service-accounts/${ids[turn++ % accounts]}`
  await using baseline = await startBaseline(installation.databaseUrl, organizationId)
  using ours = new HttpLoad(installation.endpoint, cloudKey)
  using bare = new HttpLoad(baseline.endpoint)

  // What a machine does to any server at such a pace shows beside it.
  const [gets = [], bareGets = []] = await measure(
    { load: ours, next: get(`/cmk/v2/clusters/${cluster.id}?environment=${environmentId}`) },
    { load: bare, next: get(`/clusters/${cluster.id}`) },
  )
  const [changes = []] = await measure({
    load: ours,
    next: () => ({ method: 'PATCH', path: account(), body: { description: `change ${turn}` } }),
  })
  const [lists = []] = await measure({ load: ours, next: get('/iam/v2/service-accounts?page_size=100') })
  return [
    figure(
      'get',
      25,
      gets,
      `; bare Fastify and pg with the same query, in turn with it: ${milliseconds(middle(bareGets))}, ${described(bareGets)}`,
    ),
    figure('change', 60, changes),
    figure('list of 100', 120, lists),
  ]
}

interface Asked {
  load: HttpLoad
  next: () => LoadRequest
}

interface Turn {
  perSecond: number
  taken: number[]
}

/** Turns of each, one after the other. */
async function measure(...servers: Asked[]): Promise<Turn[][]> {
  const measured = servers.map((): Turn[] => [])
  for (let n = 0; n < turns; n++) {
    for (const [index, { load, next }] of servers.entries()) {
      const perSecond = share * (await load.saturate(seconds, concurrency, next))
      measured[index]?.push({ perSecond, taken: await load.atPace(perSecond, seconds, next) })
    }
  }
  return measured
}

/** From the fastest turn to the slowest. */
const p99s = (measured: readonly Turn[]) =>
  measured.map(({ taken }) => percentile(taken, 0.99)).toSorted((a, b) => a - b)

const middle = (measured: readonly Turn[]) => percentile(p99s(measured), 0.5)

function described(measured: readonly Turn[]): string {
  const each = p99s(measured)
  const paces = measured.map(({ perSecond }) => Math.round(perSecond))
  return `the middle of ${each.map(Math.round).join(', ')}, at ${Math.min(...paces)} to ${Math.max(...paces)} a second`
}

function figure(what: string, atMost: number, measured: readonly Turn[], beside = ''): Figure {
  const p99 = middle(measured)
  const p50 = percentile(
    measured.flatMap(({ taken }) => taken),
    0.5,
  )
  return {
    what: `${what} at 70 % of what one API can do (p99)`,
    measured: milliseconds(p99),
    atMost: milliseconds(atMost),
    holds: p99 <= atMost,
    note: `${described(measured)}; p50 ${p50.toFixed(1)} ms; from when each was due; each for ${seconds} s after as long at what one process can do beside the one that asks${beside}`,
  }
}

import { TestInstallation } from '@tributary/testkit/installation'
import { milliseconds, percentile, type Figure } from './figure.ts'
import { HttpLoad, type LoadRequest } from './httpLoad.ts'

const accounts = 200
const share = 0.7
const concurrency = 32
const seconds = 15
/** One hiccup of the machine is the p99 of a turn. */
const turns = 3

/** How long an API takes whose users ask for 70 % of what it can do, and do not wait for one another. */
export async function measureApiLatency(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl, { worker: false })
  const { cloud, cloudKey } = await installation.createOrganization()
  const ids: string[] = []
  for (let n = 0; n < accounts; n++) {
    const { body } = await cloud.post('/iam/v2/service-accounts', { display_name: `account ${n}` })
    ids.push(body.id)
  }
  let turn = 0
  const one = () => `/iam/v2/service-accounts/${ids[turn++ % accounts]}`
  const kinds: readonly [what: string, atMost: number, next: () => LoadRequest][] = [
    ['get', 25, () => ({ method: 'GET', path: one() })],
    ['change', 60, () => ({ method: 'PATCH', path: one(), body: { description: `change ${turn}` } })],
    ['list of 100', 120, () => ({ method: 'GET', path: '/iam/v2/service-accounts?page_size=100' })],
  ]
  using load = new HttpLoad(installation.endpoint, cloudKey)
  const figures: Figure[] = []
  for (const [what, atMost, next] of kinds) {
    // As long as what is measured: what it can do for a moment is more than it can go on doing.
    const saturated = await load.saturate(seconds, concurrency, next)
    const pace = share * saturated
    const taken: number[][] = []
    for (let each = 0; each < turns; each++) taken.push(await load.atPace(pace, seconds, next))
    const slow = taken.map((turn) => percentile(turn, 0.99)).toSorted((a, b) => a - b)
    const p99 = percentile(slow, 0.5)
    figures.push({
      what: `${what} at 70 % of what one API can do (p99)`,
      measured: milliseconds(p99),
      atMost: milliseconds(atMost),
      holds: p99 <= atMost,
      note: `the middle of ${slow.map((ms) => Math.round(ms)).join(', ')} ms; p50 ${percentile(taken.flat(), 0.5).toFixed(1)} ms; ${Math.round(pace)} a second for ${turns} times ${seconds} s, from when each was due; one process can do ${Math.round(saturated)} a second beside the one that asks`,
    })
  }
  return figures
}

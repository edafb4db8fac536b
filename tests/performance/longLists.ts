import { queryAsOwner } from '@tributary/testkit/database'
import { TestInstallation } from '@tributary/testkit/installation'
import { inTurns } from './comparison.ts'
import { percentile, ratio, type Figure } from './figure.ts'
import { HttpLoad } from './httpLoad.ts'

const sizes = { long: 1_000_000, short: 1000 }
const pageSize = 100
const turns = { warmUp: 5, rounds: 100 }
const pagesInTurn = 20

/** Whether a page of a long list takes longer than one of a short list: both walk theirs, over two APIs and databases. */
export async function measureLongLists(postgresUrl: string): Promise<Figure[]> {
  await using long = await TestInstallation.start(postgresUrl, { worker: false })
  await using short = await TestInstallation.start(postgresUrl, { worker: false })
  using longList = await startWalk(long, sizes.long)
  using shortList = await startWalk(short, sizes.short)
  const { own, other } = await inTurns(
    turns,
    () => longList.turn(),
    () => shortList.turn(),
  )
  const [longMs, shortMs] = [percentile(own.flat(), 0.99), percentile(other.flat(), 0.99)]
  return [
    {
      what: `a list of ${pageSize}: 1,000,000 rows ÷ 1,000 rows (p99)`,
      measured: ratio(longMs / shortMs),
      atMost: '1.20',
      holds: longMs / shortMs <= 1.2,
      note: `${longMs.toFixed(1)} against ${shortMs.toFixed(1)} ms (p50 ${percentile(own.flat(), 0.5).toFixed(1)} and ${percentile(other.flat(), 0.5).toFixed(1)}); clusters of one environment, page after page; ${turns.rounds * pagesInTurn} pages of each, in turn`,
    },
  ]
}

/** Walks a list in turns, from the page where the turn before ended. */
async function startWalk(installation: TestInstallation, rows: number) {
  const { organizationId, environmentId, cloudKey } = await installation.createOrganization()
  await queryAsOwner(
    installation.databaseUrl,
    `WITH unwatched AS (SELECT set_config('session_replication_role', 'replica', false))
     INSERT INTO kafka_clusters (id, organization_id, environment_id, display_name, availability, cloud, region, type)
     SELECT 'lkc-' || lpad(to_hex(n), 6, '0'), '${organizationId}', '${environmentId}', 'cluster ' || n, 'SINGLE_ZONE', 'AWS',
            'us-east-2', 'Basic' FROM unwatched, generate_series(1, ${rows}) AS n`,
  )
  await queryAsOwner(installation.databaseUrl, 'VACUUM ANALYZE kafka_clusters')
  const load = new HttpLoad(installation.endpoint, cloudKey)
  const first = `/cmk/v2/clusters?environment=${environmentId}&page_size=${pageSize}`
  let path = first
  return {
    turn: async (): Promise<number[]> => {
      const taken: number[] = []
      for (let page = 0; page < pagesInTurn; page++) {
        const start = performance.now()
        const answer = await load.send({ method: 'GET', path })
        taken.push(performance.now() - start)
        const { data, metadata } = JSON.parse(answer) as { data: unknown[]; metadata: { next?: string | null } }
        if (data.length === 0) throw new Error(`${path} is empty`)
        const next = metadata.next ? new URL(metadata.next) : undefined
        path = next === undefined ? first : `${next.pathname}${next.search}`
      }
      return taken
    },
    [Symbol.dispose]: () => load[Symbol.dispose](),
  }
}

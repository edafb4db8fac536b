import { createCluster } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { bootBareBroker } from './bareBroker.ts'
import { milliseconds, percentile, ratio, timed, type Figure } from './figure.ts'

const rounds = 20

/** From POST to PROVISIONED, in turn with a bare broker started by hand, so that both see the same machine. */
export async function measureClusterCreation(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl)
  const organization = await installation.createOrganization()
  const create = async (overrides: object) => {
    const took = { ms: 0 }
    let path = ''
    took.ms = await timed(async () => ({ path } = await createCluster(organization, overrides)))
    await organization.cloud.delete(path)
    return took.ms
  }
  const bare: number[] = []
  const one: number[] = []
  const three: number[] = []
  for (let round = 0; round < rounds; round++) {
    bare.push(await bootBareBroker())
    one.push(await create({ display_name: `one ${round}` }))
    if (round % 4 === 0) three.push(await create({ display_name: `three ${round}`, availability: 'MULTI_ZONE' }))
  }
  const [bareP50, oneP50, oneP95, threeP50] = [
    percentile(bare, 0.5),
    percentile(one, 0.5),
    percentile(one, 0.95),
    percentile(three, 0.5),
  ]
  return [
    {
      what: 'create → PROVISIONED, one broker (p95) ÷ bare broker by hand (p50)',
      measured: ratio(oneP95 / bareP50),
      atMost: '0.80',
      holds: oneP95 / bareP50 <= 0.8,
      note: `p95 ${milliseconds(oneP95)}, p50 ${milliseconds(oneP50)} against ${milliseconds(bareP50)}; ${rounds} of each in turn`,
    },
    {
      what: 'create → PROVISIONED, one broker (p95)',
      measured: milliseconds(oneP95),
      atMost: '5000 ms',
      holds: oneP95 < 5000,
      note: 'what Terraform waits before it looks the first time',
    },
    {
      what: 'three brokers ÷ one (p50)',
      measured: ratio(threeP50 / oneP50),
      atMost: '2.60',
      holds: threeP50 / oneP50 <= 2.6,
      note: `${milliseconds(threeP50)} against ${milliseconds(oneP50)}; ${three.length} of three brokers`,
    },
  ]
}

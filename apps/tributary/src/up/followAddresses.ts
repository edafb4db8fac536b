import type { Prisma } from '@tributary/database/database'
import { bracketed } from '@tributary/kafka/brokerConfiguration'
import type { Configuration } from '@tributary/kit/configuration'
import type { Endpoints } from '@tributary/orchestrators/contract'
import type { LocalOrchestrator } from '@tributary/orchestrators/local/localOrchestrator'
import { report } from '../progress.ts'

type BrokerEndpoints = Endpoints[number]

/**
 * Where brokers listen for clients, and what they tell them to connect to, was decided when they
 * were made. It follows TRIBUTARY_HOST and TRIBUTARY_PUBLIC_HOST here, before the worker starts
 * brokers: their listeners and certificates are made anew at each start. Ports stay.
 */
export async function followAddresses(
  { host, publicHost }: Configuration,
  prisma: Prisma,
  orchestrator: LocalOrchestrator,
): Promise<void> {
  const brokers = await prisma.kafkaBroker.findMany({
    where: { cluster: { deletedAt: null } },
    orderBy: [{ clusterId: 'asc' }, { brokerId: 'asc' }],
  })
  const moves = brokers.flatMap(({ clusterId, brokerId, endpoints }) => {
    const known = endpoints as unknown as BrokerEndpoints
    const external = known['external']
    if (external === undefined || (external.listen.host === host && external.advertised.host === publicHost)) return []
    const moved = {
      listen: { ...external.listen, host },
      advertised: { ...external.advertised, host: publicHost },
    }
    return [{ clusterId, brokerId, endpoints: { ...known, external: moved } }]
  })
  if (moves.length === 0) return
  report(`moving your clusters to ${publicHost}`)
  await orchestrator.stopAll()
  const bootstraps = Map.groupBy(moves, ({ clusterId }) => clusterId)
  await prisma.$transaction([
    ...moves.map(({ clusterId, brokerId, endpoints }) =>
      prisma.kafkaBroker.update({
        where: { clusterId_brokerId: { clusterId, brokerId } },
        data: { endpoints: JSON.parse(JSON.stringify(endpoints)) as object },
      }),
    ),
    ...[...bootstraps].map(([id, members]) =>
      prisma.kafkaCluster.updateMany({
        where: { id, bootstrapEndpoint: { not: null } },
        data: {
          bootstrapEndpoint: members
            .map(({ endpoints }) => `${bracketed(publicHost)}:${endpoints.external.advertised.port}`)
            .join(','),
        },
      }),
    ),
  ])
}

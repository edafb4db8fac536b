import { accessKind, clusterKind, configurationKind, topicsKind } from '@tributary/control/kafkaClusters/kafkaCluster'
import type { LivingCluster } from './livingCluster.ts'

type Way = (cluster: LivingCluster) => Promise<unknown>

const paused =
  (...kinds: string[]): Way =>
  async (cluster) => {
    await cluster.signalBrokers('SIGSTOP')
    await cluster.touch(...kinds)
  }

const ofEngine = (kind: string, hangs: Way, fails: Way): Readonly<Record<string, Way>> => ({
  [`${kind}:acquire`]: (cluster) => cluster.touch(kind),
  [`${kind}:release`]: (cluster) => cluster.touch(kind),
  [`${kind}:settled`]: (cluster) => cluster.touch(kind),
  [`${kind}:renew`]: hangs,
  [`${kind}:fail`]: fails,
})

/** What makes a worker take a step of a cluster that lives, or do one of the engine's own writes. */
const ways: Readonly<Record<string, Way>> = {
  ...ofEngine(clusterKind, paused(clusterKind), (cluster) => cluster.unprovision(clusterKind)),
  [`${clusterKind}:markProvisioned`]: (cluster) => cluster.unprovision(clusterKind),
  [`${clusterKind}:awaitBrokers`]: paused(clusterKind),
  // It writes only where what runs knows later tokens than the database.
  [`${clusterKind}:startBrokers`]: async (cluster) => {
    await cluster.forgetTokens()
    await cluster.signalBrokers('SIGKILL')
  },

  ...ofEngine(
    accessKind,
    async (cluster) => {
      await cluster.signalBrokers('SIGSTOP')
      await cluster.republishAccess()
    },
    (cluster) => cluster.republishAccess(),
  ),
  [`${accessKind}:awaitCluster`]: (cluster) => cluster.unprovision(accessKind),
  [`${accessKind}:compare`]: (cluster) => cluster.compareAccess(),
  // The first change of a process compares, the second is published.
  [`${accessKind}:publish`]: (cluster) => cluster.createKey(),
  [`${accessKind}:republish`]: (cluster) => cluster.republishAccess(),
  [`${accessKind}:endExpiredKeys`]: (cluster) => cluster.expireKey(),

  ...ofEngine(configurationKind, paused(configurationKind), (cluster) => cluster.loseQuota()),
  [`${configurationKind}:settled`]: (cluster) => cluster.readKeyUseAgain(),
  [`${configurationKind}:awaitCluster`]: (cluster) => cluster.unprovision(configurationKind),
  [`${configurationKind}:setClientQuotas`]: (cluster) => cluster.loseQuota(),
  [`${configurationKind}:removeClientQuotas`]: (cluster) => cluster.addStrangeQuota(),
  [`${configurationKind}:setBrokerConfigs`]: (cluster) => cluster.loseConfig(),
  [`${configurationKind}:removeBrokerConfigs`]: (cluster) => cluster.addStrangeConfig(),

  ...ofEngine(topicsKind, paused(topicsKind), (cluster) => cluster.loseCatalogue()),
  [`${topicsKind}:awaitCluster`]: (cluster) => cluster.unprovision(topicsKind),
  [`${topicsKind}:correctCatalogue`]: (cluster) => cluster.loseCatalogue(),
}

/** The step at which a step of that kind is told to fail. */
const failing: Readonly<Record<string, string>> = {
  [clusterKind]: 'markProvisioned',
  [accessKind]: 'republish',
  [configurationKind]: 'setClientQuotas',
  [topicsKind]: 'correctCatalogue',
}

export interface Journey {
  point: string
  /** What the worker needs to get there. */
  environment: NodeJS.ProcessEnv
  /** May have to be gone more than once. */
  go: Way
}

/** How to get to a point while a cluster lives; undefined for what happens before and after. */
export function journeyTo(point: string): Journey | undefined {
  const [kind = '', ...rest] = point.split(':')
  const moment = rest.at(-1) ?? ''
  const what = rest.length > 1 ? rest[0] : moment.replace(/^(before|after)-/, '')
  const way = ways[`${kind}:${what}`]
  if (way === undefined) return undefined
  return {
    point,
    environment: {
      TRIBUTARY_FAILPOINT: what === 'fail' ? `${kind}:${failing[kind]}:before=throw,${point}` : point,
      ...(what === 'renew' ? { TRIBUTARY_LEASE_TTL_MS: '200' } : {}),
    },
    go: way,
  }
}

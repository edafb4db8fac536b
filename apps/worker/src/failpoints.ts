import type { accessReconciler } from '@tributary/control/access/accessReconciler'
import type { kafkaClusterReconciler } from '@tributary/control/kafkaClusters/kafkaClusterReconciler'
import type { kafkaConfigurationReconciler } from '@tributary/control/kafkaConfiguration/kafkaConfigurationReconciler'
import { accessKind, clusterKind, configurationKind, topicsKind } from '@tributary/control/kafkaClusters/kafkaCluster'
import type { topicCatalogueReconciler } from '@tributary/control/topicCatalogue/topicCatalogueReconciler'
import { failpointNames } from '@tributary/engine/failpoints'
import { ConfigurationProblem } from '@tributary/kit/configuration'

type StepsOf<Reconciler extends { plan: (state: never) => { do: string } }> = Record<
  ReturnType<Reconciler['plan']>['do'],
  true
>

/** Complete, or it does not compile: a step that is not here could not be tested dying. */
const clusterSteps: StepsOf<ReturnType<typeof kafkaClusterReconciler>> = {
  prepareBrokers: true,
  startBrokers: true,
  awaitBrokers: true,
  markProvisioned: true,
  removeWorkload: true,
  forget: true,
  settled: true,
}
const accessSteps: StepsOf<ReturnType<typeof accessReconciler>> = {
  publish: true,
  compare: true,
  republish: true,
  endExpiredKeys: true,
  awaitCluster: true,
  forget: true,
  settled: true,
}
const configurationSteps: StepsOf<ReturnType<typeof kafkaConfigurationReconciler>> = {
  awaitCluster: true,
  setClientQuotas: true,
  removeClientQuotas: true,
  setBrokerConfigs: true,
  removeBrokerConfigs: true,
  forget: true,
  settled: true,
}
const topicsSteps: StepsOf<ReturnType<typeof topicCatalogueReconciler>> = {
  awaitCluster: true,
  correctCatalogue: true,
  forget: true,
  settled: true,
}

/** Every point at which TRIBUTARY_FAILPOINT can kill this worker. */
export const failpoints = failpointNames({
  [clusterKind]: Object.keys(clusterSteps),
  [accessKind]: Object.keys(accessSteps),
  [configurationKind]: Object.keys(configurationSteps),
  [topicsKind]: Object.keys(topicsSteps),
})

/** Throws a ConfigurationProblem: a failpoint that does not exist would kill nobody, and a test prove nothing. */
export function checkFailpoint(name: string | undefined): void {
  if (name === undefined || name === '' || failpoints.includes(name)) return
  throw new ConfigurationProblem(`TRIBUTARY_FAILPOINT: there is no ${name}. There are: ${failpoints.join(', ')}.`)
}

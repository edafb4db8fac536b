import { failpointNames, type StepShape } from '@tributary/engine/failpoints'
import type { accessReconciler } from './access/accessReconciler.ts'
import { accessKind, clusterKind, configurationKind, topicsKind } from './kafkaClusters/kafkaCluster.ts'
import type { kafkaClusterReconciler } from './kafkaClusters/kafkaClusterReconciler.ts'
import type { kafkaConfigurationReconciler } from './kafkaConfiguration/kafkaConfigurationReconciler.ts'
import type { topicCatalogueReconciler } from './topicCatalogue/topicCatalogueReconciler.ts'

type StepsOf<Reconciler extends { plan: (state: never) => { do: string } }> = Record<
  ReturnType<Reconciler['plan']>['do'],
  StepShape
>

/** Complete, or it does not compile: a step that is not here could not be tested dying. */
const clusterSteps: StepsOf<ReturnType<typeof kafkaClusterReconciler>> = {
  prepareBrokers: { writes: 1 },
  startBrokers: { writes: 1 },
  awaitBrokers: { writes: 0, waits: true },
  markProvisioned: { writes: 1 },
  settled: { writes: 0 },
  removeWorkload: { writes: 0 },
  forget: { writes: 0 },
}
const accessSteps: StepsOf<ReturnType<typeof accessReconciler>> = {
  awaitCluster: { writes: 0, waits: true },
  compare: { writes: 2 },
  publish: { writes: 1 },
  republish: { writes: 2 },
  endExpiredKeys: { writes: 1 },
  settled: { writes: 0 },
  forget: { writes: 0 },
}
const configurationSteps: StepsOf<ReturnType<typeof kafkaConfigurationReconciler>> = {
  awaitCluster: { writes: 0, waits: true },
  setClientQuotas: { writes: 0 },
  removeClientQuotas: { writes: 0 },
  setBrokerConfigs: { writes: 0 },
  removeBrokerConfigs: { writes: 0 },
  settled: { writes: 1 },
  forget: { writes: 0 },
}
const topicsSteps: StepsOf<ReturnType<typeof topicCatalogueReconciler>> = {
  awaitCluster: { writes: 0, waits: true },
  correctCatalogue: { writes: 1 },
  settled: { writes: 0 },
  forget: { writes: 0 },
}

/** Every failpoint of a worker. */
export const failpoints: readonly string[] = failpointNames({
  [clusterKind]: clusterSteps,
  [accessKind]: accessSteps,
  [configurationKind]: configurationSteps,
  [topicsKind]: topicsSteps,
})

import type { JobQueues, LeaseStore } from '@tributary/engine/stores'
import type { Log } from '@tributary/kit/log'
import type { Orchestrator } from '@tributary/orchestrators/contract'
import { clusterKind } from './kafkaCluster.ts'

export interface FollowDependencies {
  orchestrator: Orchestrator
  resources: LeaseStore
  jobs: JobQueues
  log: Log
  takeDownOrphan: (workload: string) => Promise<void>
}

/** Has clusters looked at when something of their workloads changes; returns how to stop. */
export function followWorkloads({
  orchestrator,
  resources,
  jobs,
  log,
  takeDownOrphan,
}: FollowDependencies): () => void {
  const lookAt = async (workload: string) => {
    await resources.touch(clusterKind, workload)
    if ((await orchestrator.observe(workload)) !== undefined) await takeDownOrphan(workload)
    await jobs.ring([{ kind: clusterKind, id: workload }])
  }
  return orchestrator.watch((workload) => {
    lookAt(workload).catch((error: unknown) =>
      log.warn({ err: error, workload }, 'could not look at a changed workload; its next check will'),
    )
  })
}

import type { JobQueues, LeaseStore } from '@tributary/engine/stores'
import type { Log } from '@tributary/kit/log'
import type { Orchestrator } from '@tributary/orchestrators/contract'
import { clusterKind } from './kafkaCluster.ts'

export interface FollowDependencies {
  orchestrator: Orchestrator
  resources: LeaseStore
  jobs: JobQueues
  log: Log
  takeDownOrphans: (workloads: readonly string[]) => Promise<void>
}

/**
 * Has clusters looked at when something of their workloads changes; returns how to stop. What changes while others are
 * asked for is asked for together: at a start that is every workload there is.
 */
export function followWorkloads({
  orchestrator,
  resources,
  jobs,
  log,
  takeDownOrphans,
}: FollowDependencies): () => void {
  let changed = new Set<string>()
  let following = false
  const lookAt = async (workloads: readonly string[]) => {
    await resources.touch(clusterKind, workloads)
    const there: string[] = []
    for (const workload of workloads) if ((await orchestrator.observe(workload)) !== undefined) there.push(workload)
    await takeDownOrphans(there)
    await jobs.ring(workloads.map((id) => ({ kind: clusterKind, id })))
  }
  const follow = async () => {
    while (changed.size > 0) {
      const workloads = [...changed]
      changed = new Set()
      await lookAt(workloads).catch((error: unknown) =>
        log.warn({ err: error, workloads }, 'could not look at changed workloads; their next check will'),
      )
    }
  }
  return orchestrator.watch((workload) => {
    changed.add(workload)
    if (following) return
    following = true
    void follow().finally(() => (following = false))
  })
}

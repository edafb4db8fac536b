import type { JobQueues, LeaseStore } from '@tributary/engine/stores'
import type { Timers } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import type { Orchestrator } from '@tributary/orchestrators/contract'
import { clusterKind } from './kafkaCluster.ts'

export interface FollowDependencies {
  orchestrator: Orchestrator
  resources: LeaseStore
  jobs: JobQueues
  clock: Timers
  log: Log
}

const retryEveryMs = 1000

/**
 * Has clusters looked at when something of their workloads changes; returns how to stop. What changes while others are
 * asked for is asked for together: at a start that is every workload there is. A look that fails is tried again: in a
 * large fleet the next check may be hours away.
 */
export function followWorkloads(dependencies: FollowDependencies): () => void {
  const { orchestrator, resources, jobs, clock, log } = dependencies
  const changed = new Set<string>()
  const failed = new Set<string>()
  let following = false
  const lookAt = async (workloads: readonly string[]) => {
    await resources.touch(clusterKind, workloads)
    await jobs.ring(workloads.map((id) => ({ kind: clusterKind, id })))
  }
  const follow = async () => {
    if (following) return
    following = true
    while (changed.size > 0) {
      const workloads = [...changed]
      changed.clear()
      await lookAt(workloads).catch((error: unknown) => {
        for (const workload of workloads) failed.add(workload)
        log.warn({ err: error, workloads: workloads.length }, 'could not look at changed workloads; it is tried again')
      })
    }
    following = false
  }
  const look = (workload: string) => {
    changed.add(workload)
    void follow()
  }
  const unwatch = orchestrator.watch(look)
  const stopRetrying = clock.every(retryEveryMs, () => {
    const again = [...failed]
    failed.clear()
    for (const workload of again) look(workload)
  })
  return () => {
    unwatch()
    stopRetrying()
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@tributary/database/database'
import type { Jobs } from './jobs.ts'
import { startPruner } from './pruner.ts'
import { reconcile } from './reconcile.ts'
import type { ReconcileDependencies } from './runSteps.ts'
import type { Reconciler } from './reconciler.ts'
import { startRelay } from './relay.ts'
import { startSweeper } from './sweeper.ts'

export interface EngineOptions extends Omit<ReconcileDependencies, 'shutdown' | 'longestStepMs'> {
  database: Database
  jobs: Jobs
  reconcilers: readonly Reconciler[]
  longestStepMs?: number
}

export interface Engine {
  /** Finishes the steps that run, for at most `graceMs`; what is left unfinished is found by its lease. */
  stop(graceMs: number): Promise<void>
}

/** A wait up to this long is kept by a timer of this process; the sweeper keeps the longer ones. */
const shortWaitMs = 900

/** Steps act and don't wait: what takes so long hangs. */
const defaultLongestStepMs = 120_000

/** Relay, sweeper, pruner and the consumers of every kind's queue. */
export function startEngine(options: EngineOptions): Engine {
  const { database, jobs, reconcilers, resources, log, longestStepMs = defaultLongestStepMs } = options
  const shutdown = new AbortController()
  // One for each resource: rings that come on other ways must not leave a second round of checks behind.
  const timers = new Map<string, NodeJS.Timeout>()

  const ringLater = (kind: string, id: string, token: bigint, afterMs: number) => {
    const name = `${kind}/${id}`
    const ring = () => {
      timers.delete(name)
      jobs.ringAfterLease([{ kind, id, token }]).catch((error: unknown) => log.warn({ err: error }, 'Redis'))
    }
    clearTimeout(timers.get(name))
    timers.set(name, setTimeout(ring, afterMs))
  }
  for (const reconciler of reconcilers) {
    const { kind } = reconciler
    jobs.consume(kind, reconciler.concurrency, async (id) => {
      const again = await reconcile(reconciler, id, { ...options, longestStepMs, shutdown: shutdown.signal })
      if (again !== undefined && again.afterMs <= shortWaitMs && !shutdown.signal.aborted) {
        ringLater(kind, id, again.token, again.afterMs)
      }
    })
  }
  const background = [startRelay(database, jobs, log), startSweeper(resources, jobs, log), startPruner(database, log)]
  return {
    async stop(graceMs) {
      shutdown.abort()
      for (const timer of timers.values()) clearTimeout(timer)
      const ended = Promise.all([...background.map((part) => part.stop()), jobs.stopConsuming()])
      await Promise.race([ended, delay(graceMs, undefined, { ref: false })])
    },
  }
}

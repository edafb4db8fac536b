import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '@tributary/database/database'
import type { Jobs } from './jobs.ts'
import { reconcile, type ReconcileDependencies } from './reconcile.ts'
import type { Reconciler } from './reconciler.ts'
import { startRelay } from './relay.ts'
import { startSweeper } from './sweeper.ts'

export interface EngineOptions extends Omit<ReconcileDependencies, 'shutdown'> {
  database: Database
  jobs: Jobs
  reconcilers: readonly Reconciler[]
}

/** A wait up to this long is kept by a timer of this process; the sweeper keeps the longer ones. */
const shortWaitMs = 900

/** Relay, sweeper and the consumers of every kind's queue. */
export async function startEngine(options: EngineOptions): Promise<{ stop(graceMs: number): Promise<void> }> {
  const { database, jobs, reconcilers, resources, log } = options
  const shutdown = new AbortController()
  const timers = new Set<NodeJS.Timeout>()

  const ringLater = (kind: string, id: string, afterMs: number) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      jobs.ring([{ kind, id }]).catch((error: unknown) => log.warn({ err: error }, 'Redis'))
    }, afterMs)
    timers.add(timer)
  }
  for (const reconciler of reconcilers) {
    const { kind } = reconciler
    jobs.consume(kind, reconciler.concurrency, async (id) => {
      const again = await reconcile(reconciler, id, { ...options, shutdown: shutdown.signal })
      if (again !== undefined && again.afterMs <= shortWaitMs && !shutdown.signal.aborted) {
        ringLater(kind, id, again.afterMs)
      }
    })
  }
  const relay = await startRelay(database, jobs, log)
  const sweeper = startSweeper(resources, jobs, log)
  return {
    /** Finishes the steps that run, for at most `graceMs`; what is left unfinished is found by its lease. */
    async stop(graceMs) {
      shutdown.abort()
      for (const timer of timers) clearTimeout(timer)
      await Promise.all([relay.stop(), sweeper.stop()])
      await Promise.race([jobs.stopConsuming(), delay(graceMs, undefined, { ref: false })])
    },
  }
}

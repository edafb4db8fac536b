import type { Database } from '@tributary/database/database'
import { drainOutbox } from '@tributary/database/outbox'
import { startDriftBudget } from './driftBudget.ts'
import { pruneOnce, startPruner, type Prune } from './pruner.ts'
import { reconcile } from './reconcile.ts'
import type { ReconcileDependencies } from './runSteps.ts'
import type { Reconciler } from './reconciler.ts'
import { startRelay } from './relay.ts'
import type { JobQueues, Outbox } from './stores.ts'
import { startSweeper } from './sweeper.ts'

interface EngineParts extends Omit<ReconcileDependencies, 'shutdown' | 'longestStepMs' | 'drift'> {
  jobs: JobQueues
  reconcilers: readonly Reconciler[]
  longestStepMs?: number
  firstPruneAfterMs?: number | undefined
}

export interface EngineOptions extends EngineParts {
  database: Database
}

export interface EngineOnStores extends EngineParts {
  outbox: Outbox
  prune: Prune
}

export interface Engine {
  /** Finishes the steps that run, for at most `graceMs`; what is left unfinished is found by its lease. */
  stop(graceMs: number): Promise<void>
}

/** A wait up to this long is kept by a timer of this process; the sweeper keeps the longer ones. */
const shortWaitMs = 900

/** Steps act and don't wait: what takes so long hangs. */
const defaultLongestStepMs = 30_000

/** Relay, sweeper, pruner and the consumers of every kind's queue, on Postgres. */
export const startEngine = (options: EngineOptions): Engine =>
  startEngineOn({ ...options, outbox: outboxOf(options.database), prune: () => pruneOnce(options.database) })

const outboxOf = (database: Database): Outbox => ({
  drain: (limit, deliver) => drainOutbox(database, limit, deliver),
  listen: (onNotification, onError) => database.listen('outbox', onNotification, onError),
})

/** The same on whatever keeps what an engine must not lose. */
export function startEngineOn(options: EngineOnStores): Engine {
  const { outbox, jobs, reconcilers, resources, clock, log, longestStepMs = defaultLongestStepMs } = options
  const shutdown = new AbortController()
  const drift = startDriftBudget(resources, clock, log)
  // One for each resource: rings that come on other ways must not leave a second round of checks behind.
  const cancelTimer = new Map<string, () => void>()

  const ringLater = (kind: string, id: string, token: bigint, afterMs: number) => {
    const name = `${kind}/${id}`
    const ring = () => {
      cancelTimer.delete(name)
      jobs.ringAfterLease([{ kind, id, token }]).catch((error: unknown) => log.warn({ err: error }, 'Redis'))
    }
    cancelTimer.get(name)?.()
    cancelTimer.set(name, clock.after(afterMs, ring))
  }
  for (const reconciler of reconcilers) {
    const { kind } = reconciler
    jobs.consume(kind, reconciler.concurrency, async (id) => {
      const again = await reconcile(reconciler, id, {
        ...options,
        longestStepMs,
        shutdown: shutdown.signal,
        drift,
      })
      if (again !== undefined && again.afterMs <= shortWaitMs && !shutdown.signal.aborted) {
        ringLater(kind, id, again.token, again.afterMs)
      }
    })
  }
  const background = [
    drift,
    startRelay(outbox, jobs, clock, log),
    startSweeper(resources, jobs, clock, log),
    startPruner(options.prune, { clock, log, firstAfterMs: options.firstPruneAfterMs }),
  ]
  return {
    async stop(graceMs) {
      shutdown.abort()
      for (const cancel of cancelTimer.values()) cancel()
      const ended = Promise.all([...background.map((part) => part.stop()), jobs.stopConsuming()])
      const grace = Promise.withResolvers<void>()
      const cancel = clock.after(graceMs, grace.resolve)
      await Promise.race([ended, grace.promise]).finally(cancel)
    },
  }
}

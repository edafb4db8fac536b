import { LeaseLost } from '@tributary/database/lease'
import type { Forgotten, Released } from '@tributary/database/resources'
import { conditionsAfter, type End } from './conditions.ts'
import { failpoint } from './failpoints.ts'
import { retryAfterMs } from './failures.ts'
import { keepLease } from './keepLease.ts'
import type { Reconciler } from './reconciler.ts'
import { runSteps, type ReconcileDependencies } from './runSteps.ts'

/**
 * How a reconciliation ended: when to look again and the token of the lease that was let go, or
 * `undefined` if another holds the lease or nothing is left.
 */
export type CheckAgain = { afterMs: number; token: bigint } | undefined

/**
 * Takes the lease of a resource and brings it as far as it goes without waiting. A step never waits:
 * it acts and says when to look again. Before the lease is let go the generation is read once more,
 * so a change that was committed meanwhile is not missed.
 */
export async function reconcile(
  reconciler: Reconciler,
  id: string,
  dependencies: ReconcileDependencies,
): Promise<CheckAgain> {
  const { resources, clock, holder, log } = dependencies
  const { kind } = reconciler
  const takenAt = clock.elapsedMs()
  failpoint(`${kind}:before-acquire`)
  let lease = await resources.acquire(kind, id, holder)
  if (lease === undefined) return undefined
  failpoint(`${kind}:after-acquire`)
  using kept = keepLease(lease, takenAt, dependencies)
  try {
    for (;;) {
      const { end, step, failures } = await runSteps(reconciler, lease, kept, dependencies)
      const lettingGo = end.next === 'forget' ? 'forget' : 'release'
      failpoint(`${kind}:before-${lettingGo}`)
      const left: Released | Forgotten =
        end.next === 'forget'
          ? await resources.forget(lease)
          : await resources.release(lease, {
              conditions: conditionsAfter(lease, { end, step }, clock.now()),
              settled: end.next === 'settled',
              failures,
              checkAfterMs: waitAfter(end, failures, dependencies),
            })
      failpoint(`${kind}:after-${lettingGo}`)
      if (left === 'forgotten') return undefined
      if ('afterMs' in left) return { ...left, token: lease.token }
      lease = { ...lease, generation: left.lookAgainAt, failures: 0 }
    }
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error
    log.warn({ kind, id }, 'lost the lease; whoever has it goes on')
    return undefined
  }
}

/** Milliseconds until the resource is looked at again. */
function waitAfter(
  end: End,
  failures: number,
  { drift, random = Math.random }: Pick<ReconcileDependencies, 'drift' | 'random'>,
): number {
  switch (end.next) {
    case 'checkAgain':
      return end.afterMs
    case 'settled':
      return Math.min(drift.lookAfterMs(end.driftCheckAfterMs, random()), end.dueAfterMs ?? Infinity)
    case 'failed':
      return retryAfterMs(end.kind, failures, random())
    case 'continue':
    case 'interrupted':
    case 'forget':
      return 0
  }
}

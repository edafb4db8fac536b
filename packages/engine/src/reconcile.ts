import { LeaseLost, type Lease, type Resources } from '@tributary/database/resources'
import type { Steps } from '@tributary/database/steps'
import type { Clock } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import { withCondition, type Condition } from './conditions.ts'
import { failpoint } from './failpoints.ts'
import { classify, retryAfterMs } from './failures.ts'
import type { Outcome, Reconciler } from './reconciler.ts'

export interface ReconcileDependencies {
  resources: Resources
  steps: Steps
  clock: Clock
  log: Log
  /** Names this worker in leases. */
  holder: string
  /** Aborted when the worker shuts down. */
  shutdown: AbortSignal
}

/** How a reconciliation ended: when to look again, or `undefined` if another holds the lease or nothing is left. */
export type CheckAgain = { afterMs: number } | undefined

/** Steps that one job may take before it gives its slot to others. */
const longestRun = 100

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
  let lease = await resources.acquire(reconciler.kind, id, holder)
  if (lease === undefined) return undefined
  failpoint(`${reconciler.kind}:acquired`)
  using keeper = keepLease(lease, dependencies)
  try {
    for (;;) {
      const end = await runSteps(reconciler, lease, dependencies, keeper.signal)
      failpoint(`${reconciler.kind}:before-release`)
      if (end.outcome.next === 'forget') {
        await resources.forget(lease)
        return undefined
      }
      const conditions = conditionsAfter((await resources.conditions(lease)) as Condition[], lease, end, clock.now())
      const checkAfterMs = waitAfter(end)
      const newerGeneration = await resources.release(lease, {
        conditions,
        settled: end.outcome.next === 'settled',
        failures: end.failures,
        checkAfterMs,
      })
      if (newerGeneration === undefined) return { afterMs: checkAfterMs }
      lease = { ...lease, generation: newerGeneration, failures: 0 }
    }
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error
    log.warn({ kind: lease.kind, id: lease.id }, 'lost the lease; whoever has it goes on')
    return undefined
  }
}

interface End {
  outcome: Outcome | { next: 'failed'; kind: ReturnType<typeof classify>['kind']; reason: string; message: string }
  step: string
  failures: number
}

async function runSteps(
  reconciler: Reconciler,
  lease: Lease,
  { resources, steps, log, shutdown }: ReconcileDependencies,
  signal: AbortSignal,
): Promise<End> {
  let step = 'load'
  let sequence: bigint | undefined
  try {
    for (let taken = 0; taken < longestRun; taken++) {
      if (signal.aborted) throw new LeaseLost(lease.kind, lease.id)
      if (shutdown.aborted) return { outcome: { next: 'continue' }, step, failures: lease.failures }
      const state = await reconciler.load(lease)
      const planned = reconciler.plan(state)
      step = planned.do
      sequence = step === 'settled' ? undefined : await steps.begin(lease, step)
      failpoint(`${lease.kind}:${step}:before`)
      const outcome = await reconciler.execute(planned, state, {
        lease,
        signal: AbortSignal.any([signal, shutdown]),
        fenced: (work) => resources.fenced(lease, work),
      })
      failpoint(`${lease.kind}:${step}:after`)
      if (sequence !== undefined && outcome.next !== 'checkAgain') await steps.complete(sequence)
      if (outcome.next !== 'continue') return { outcome, step, failures: 0 }
    }
    return { outcome: { next: 'continue' }, step, failures: 0 }
  } catch (error) {
    if (error instanceof LeaseLost) throw error
    const { kind, reason, message } = classify(error, lease.failures)
    log[kind === 'bug' ? 'error' : 'warn'](
      { kind: lease.kind, id: lease.id, step, failure: kind, failures: lease.failures + 1, err: error },
      'a step failed',
    )
    if (sequence !== undefined) await steps.fail(sequence, { reason, message })
    return { outcome: { next: 'failed', kind, reason, message }, step, failures: lease.failures + 1 }
  }
}

function waitAfter({ outcome, failures }: End): number {
  switch (outcome.next) {
    case 'checkAgain':
      return outcome.afterMs
    case 'settled':
      return outcome.driftCheckAfterMs
    case 'failed':
      return retryAfterMs(outcome.kind, failures)
    case 'continue':
    case 'forget':
      return 0
  }
}

function conditionsAfter(before: readonly Condition[], lease: Lease, { outcome, step }: End, now: Date): Condition[] {
  const observedGeneration = Number(lease.generation)
  const set = (
    conditions: readonly Condition[],
    type: Condition['type'],
    status: Condition['status'],
    reason: string,
    message: string,
  ) => withCondition(conditions, { type, status, reason, message, observedGeneration }, now)
  switch (outcome.next) {
    case 'settled':
      return set(
        set(before, 'Ready', 'True', 'Settled', 'What was asked for is what runs.'),
        'Stalled',
        'False',
        'Settled',
        '',
      )
    case 'failed': {
      const stuck = outcome.kind === 'user' || outcome.kind === 'bug'
      const failed = set(before, 'Ready', 'False', outcome.reason, outcome.message)
      return set(failed, 'Stalled', stuck ? 'True' : 'False', outcome.reason, outcome.message)
    }
    case 'checkAgain':
      return set(before, 'Ready', 'False', step, `Waiting for ${outcome.waitingFor}.`)
    case 'continue':
    case 'forget':
      return set(before, 'Ready', 'False', step, 'In progress.')
  }
}

/** Renews the lease while it is worked under. */
function keepLease(lease: Lease, { resources, log }: ReconcileDependencies) {
  const lost = new AbortController()
  const timer = setInterval(() => {
    resources.renew(lease).then(
      (held) => held || lost.abort(),
      (error: unknown) => log.warn({ kind: lease.kind, id: lease.id, err: error }, 'could not renew a lease'),
    )
  }, resources.leaseTtlMs / 3)
  return {
    signal: lost.signal,
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

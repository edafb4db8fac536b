import { LeaseLost, type Lease } from '@tributary/database/lease'
import type { Timers } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import { notReadyForMs, type End } from './conditions.ts'
import type { DriftBudget } from './driftBudget.ts'
import { failpoint, stepsAreTakenTwice } from './failpoints.ts'
import { classify } from './failures.ts'
import type { KeptLease } from './keepLease.ts'
import { StepFailure, type Reconciler, type StepContext } from './reconciler.ts'
import type { LeaseStore, StepStore } from './stores.ts'

/** What reconciling works with. */
export interface ReconcileDependencies {
  resources: LeaseStore
  steps: StepStore
  clock: Timers
  log: Log
  /** Names this worker in leases. */
  holder: string
  /** Aborted when the worker shuts down. */
  shutdown: AbortSignal
  drift: Pick<DriftBudget, 'lookAfterMs'>
  /** A step that takes longer has failed. */
  longestStepMs: number
  /** In [0, 1): how long a failed step waits. */
  random?: () => number
}

/** Steps that one job may take before it gives its slot to others. */
const longestRun = 100

interface Run {
  end: End
  /** The last step that was begun. */
  step: string
  /** In a row, this one included. */
  failures: number
}

/** Plans and takes one step after another, until one says to wait, fails, or nothing is left to do. */
export async function runSteps(
  reconciler: Reconciler,
  lease: Lease,
  kept: KeptLease,
  dependencies: ReconcileDependencies,
): Promise<Run> {
  const { steps, log, shutdown } = dependencies
  const { kind, id } = lease
  let step = 'load'
  let sequence: bigint | undefined
  try {
    for (let taken = 0; taken < longestRun; taken++) {
      if (!kept.isHeld()) throw new LeaseLost(kind, id)
      if (shutdown.aborted) return { end: { next: 'interrupted' }, step, failures: lease.failures }
      // Nothing of the step before: while the state is loaded no step is at fault.
      step = 'load'
      sequence = undefined
      const outcome = await takeStep(reconciler, lease, kept, dependencies, async (name) => {
        step = name
        if (name !== 'settled') failpoint(`${kind}:${name}:before-begin`)
        sequence = name === 'settled' ? undefined : await steps.begin(lease, name)
        failpoint(`${kind}:${name}:before`)
      })
      failpoint(`${kind}:${step}:after`)
      if (sequence !== undefined && outcome.next !== 'checkAgain') {
        await steps.complete(lease, sequence)
        failpoint(`${kind}:${step}:after-complete`)
      }
      if (outcome.next !== 'continue') return { end: outcome, step, failures: 0 }
    }
    return { end: { next: 'continue' }, step, failures: 0 }
  } catch (error) {
    if (error instanceof LeaseLost || !kept.isHeld()) throw new LeaseLost(kind, id)
    // A step that was broken off says nothing about the resource: the next worker takes it again.
    if (shutdown.aborted) return { end: { next: 'interrupted' }, step, failures: lease.failures }
    const failure = classify(error, lease.failures)
    const failures = lease.failures + 1
    const level = failure.kind === 'bug' ? 'error' : 'warn'
    log[level]({ kind, id, step, failure: failure.kind, failures, err: error }, 'a step failed')
    const { reason, message } = failure
    if (sequence !== undefined) {
      failpoint(`${kind}:before-fail`)
      await steps.fail(lease, sequence, { reason, message })
      failpoint(`${kind}:after-fail`)
    }
    return { end: { next: 'failed', ...failure }, step, failures }
  }
}

async function takeStep(
  reconciler: Reconciler,
  lease: Lease,
  kept: KeptLease,
  { resources, clock, shutdown, longestStepMs }: ReconcileDependencies,
  begin: (name: string) => Promise<void>,
) {
  const deadline = new AbortController()
  const cancel = clock.after(longestStepMs, () => deadline.abort())
  const signal = AbortSignal.any([kept.signal, shutdown, deadline.signal])
  // A step that was given up must not go on from what it read: under the same lease the next one may be at work.
  const take = async () => {
    const state = await reconciler.load(lease)
    signal.throwIfAborted()
    const planned = reconciler.plan(state)
    await begin(planned.do)
    signal.throwIfAborted()
    const execute = () =>
      reconciler.execute(planned, state, {
        lease,
        notReadyForMs: notReadyForMs(lease, clock.now()),
        signal,
        fenced: fencedWrites(resources, lease, planned.do, signal),
      })
    if (stepsAreTakenTwice()) await execute()
    return execute()
  }
  return unlessAborted(take(), [
    [kept.signal, () => new LeaseLost(lease.kind, lease.id)],
    [
      deadline.signal,
      () => new StepFailure('dependency', 'StepTimedOut', 'The step took too long. It is tried again.'),
    ],
  ]).finally(cancel)
}

/** Writes of one step under its lease, each between two failpoints. */
function fencedWrites(resources: LeaseStore, lease: Lease, step: string, signal: AbortSignal): StepContext['fenced'] {
  let writes = 0
  return async (work) => {
    signal.throwIfAborted()
    const write = `write-${++writes}`
    failpoint(`${lease.kind}:${step}:before-${write}`)
    const result = await resources.fenced(lease, work)
    failpoint(`${lease.kind}:${step}:after-${write}`)
    return result
  }
}

/**
 * The result of the work, or the error of the first signal: a step that hangs must not hold its
 * resource for ever. What it still does afterwards is what a paused worker may do: fenced, or idempotent.
 */
async function unlessAborted<Result>(
  work: Promise<Result>,
  reasons: readonly (readonly [AbortSignal, () => Error])[],
): Promise<Result> {
  const done = new AbortController()
  try {
    const aborted = reasons.map(
      ([signal, reason]) =>
        new Promise<never>((_, reject) => {
          if (signal.aborted) reject(reason())
          signal.addEventListener('abort', () => reject(reason()), { once: true, signal: done.signal })
        }),
    )
    return await Promise.race([work, ...aborted])
  } finally {
    done.abort('done')
  }
}

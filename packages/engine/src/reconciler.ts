import type { Lease, PrismaTransaction } from '@tributary/database/lease'

/**
 * How one kind of resource is made real. `load` reads desired and observed state, `plan` is a pure
 * decision, `execute` does one small thing that may be done twice. The engine knows no kind.
 */
export interface Reconciler<State = unknown, Step extends { do: string } = { do: string }> {
  kind: string
  /** How many of this kind one worker reconciles at a time: most of the time each waits, some for what does not answer. */
  concurrency: number
  load(lease: Lease): Promise<State>
  plan(state: State): Step
  execute(step: Step, state: State, context: StepContext): Promise<Outcome>
}

export interface StepContext {
  lease: Lease
  /** For how long the resource has not been what was asked for, by the database's clock. */
  notReadyForMs: number
  /** Aborted when the lease is lost or the worker shuts down. */
  signal: AbortSignal
  /** Writes under the lease, or not at all. */
  fenced: <Result>(work: (transaction: PrismaTransaction) => Promise<Result>) => Promise<Result>
}

/**
 * `continue`: plan again now. `checkAgain`: the step began something that takes its time. `settled`:
 * what is desired is what is there; look again for drift, and in any case after `dueAfterMs`. `forget`: nothing is left to
 * reconcile.
 */
export type Outcome =
  | { next: 'continue' }
  | { next: 'checkAgain'; afterMs: number; waitingFor: string }
  | { next: 'settled'; driftCheckAfterMs: number; dueAfterMs?: number }
  | { next: 'forget' }

/**
 * Why a step failed, which decides when it is tried again. `transient`: soon. `dependency`: something
 * else must change first. `user`: the one who asked must change something. `bug`: nobody knows.
 */
export type FailureKind = 'transient' | 'dependency' | 'user' | 'bug'

/** Its reason and message are conditions and steps that tenants read; what only operators may know is its `cause`. */
export class StepFailure extends Error {
  readonly failure: FailureKind
  readonly reason: string

  constructor(failure: FailureKind, reason: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StepFailure'
    this.failure = failure
    this.reason = reason
  }
}

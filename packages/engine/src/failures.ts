import { isConnectionError, isContention, isOutOfRoom } from '@tributary/database/databaseErrors'
import { fullJitterMs } from '@tributary/kit/backOff'
import { StepFailure, type FailureKind } from './reconciler.ts'

export interface Failure {
  kind: FailureKind
  reason: string
  /** Tenants read it: an error that was not made for them is in the log alone. */
  message: string
}

/** After so many failures in a row an error that nobody classified is taken for a bug. */
const patience = 12

export function classify(error: unknown, failuresBefore: number): Failure {
  if (error instanceof StepFailure) return { kind: error.failure, reason: error.reason, message: error.message }
  if (isConnectionError(error) || isContention(error)) {
    return { kind: 'transient', reason: 'Unreachable', message: 'Something did not answer. It is tried again shortly.' }
  }
  if (isOutOfRoom(error)) {
    const message = 'There is no room left on a disk. It is tried again; who runs this installation must make room.'
    return { kind: 'dependency', reason: 'NoRoom', message }
  }
  const certainlyABug = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
  if (certainlyABug || failuresBefore >= patience) {
    return {
      kind: 'bug',
      reason: 'InternalError',
      message: 'This does not mend itself. The log of the worker says more; ask who runs this installation.',
    }
  }
  return { kind: 'transient', reason: 'StepFailed', message: 'The step failed. It is tried again shortly.' }
}

/** Milliseconds until a failed step is tried again. */
export function retryAfterMs(kind: FailureKind, failures: number, random?: number): number {
  switch (kind) {
    case 'transient':
      return fullJitterMs(failures, { baseMs: 200, maxMs: 300_000 }, random)
    case 'dependency':
      return 5000 + fullJitterMs(failures, { baseMs: 5000, maxMs: 295_000 }, random)
    case 'user':
    case 'bug':
      return 3_600_000
  }
}

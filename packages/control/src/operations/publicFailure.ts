/**
 * Reasons under which the engine files an error that nobody foresaw: its text may name files, hosts
 * or SQL, and stays in the log of the worker.
 */
const unforeseen: ReadonlyMap<string, string> = new Map([
  ['Unreachable', 'Something that this step needs cannot be reached. It is tried again.'],
  ['StepFailed', 'This step did not succeed. It is tried again; the log of the worker says more.'],
  ['InternalError', 'This step fails again and again. It is tried hourly; the log of the worker says more.'],
])

/** What of a failure may be shown: its reason, and its message where somebody wrote it for people. */
export function publicFailure<Failure extends { reason: string; message: string }>(failure: Failure): Failure {
  return { ...failure, message: unforeseen.get(failure.reason) ?? failure.message }
}

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MachineProblem } from '@tributary/kit/problems'
import { projectDirectory } from './projectDirectory.ts'

/** What a long piece of set-up gets from whoever waits for it. */
export interface SetupContext {
  environment: NodeJS.ProcessEnv
  /** Runs a part of the work while its name is shown. */
  step: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>
  /** Aborted when the user asks to stop. */
  signal: AbortSignal
}

const networkTrouble =
  /Could not transfer|Unknown host|UnknownHost|Connection refused|Connect timed out|Network is unreachable|offline mode/i

/** Throws a MachineProblem that says what to do. */
export async function maven(
  args: readonly string[],
  { environment, signal }: SetupContext,
  directory: string = projectDirectory,
): Promise<void> {
  try {
    await promisify(execFile)('mvn', ['--batch-mode', '--quiet', ...args], {
      cwd: directory,
      env: environment,
      maxBuffer: 64 * 1024 * 1024,
      signal,
    })
  } catch (error) {
    if (signal.aborted) throw error
    const failure = error as NodeJS.ErrnoException & { stdout?: string; stderr?: string }
    throw new MachineProblem(explain(failure, `${failure.stdout ?? ''}${failure.stderr ?? ''}`), { cause: error })
  }
}

function explain({ code, message }: NodeJS.ErrnoException, said: string): string {
  if (code === 'ENOENT') return 'Maven was not found. Install Maven (the command mvn) and try again.'
  if (/No space left on device/.test(said)) return 'The disk is full. Free some space and try again.'
  if (/No compiler is provided|release version \d+ not supported/.test(said)) {
    return 'Maven found no Java compiler that fits. Install a JDK of version 17 or newer, not only a Java runtime, or set JAVA_HOME to one.'
  }
  const line = said.split('\n').find((each) => each.includes('ERROR')) ?? message
  if (networkTrouble.test(said)) {
    return `Maven could not download what it needs. Check the network, or the proxy and mirror in ~/.m2/settings.xml, and try again. It said: ${line}`
  }
  return `Maven failed: ${line}`
}

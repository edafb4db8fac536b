import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { MachineProblem } from './problems.ts'

export interface Java {
  command: string
  majorVersion: number
  /** The whole of what `java -version` prints: an archive of classes fits only one build. */
  build: string
}

const oldestMajorVersion = 17

/** Java from JAVA_HOME, else from the PATH. Throws a MachineProblem when there is none that fits. */
export async function locateJava(environment: NodeJS.ProcessEnv): Promise<Java> {
  const home = environment['JAVA_HOME']
  const command = home === undefined || home === '' ? 'java' : path.join(home, 'bin', 'java')
  const build = await promisify(execFile)(command, ['-version']).then(
    ({ stderr }) => stderr.trim(),
    () => undefined,
  )
  const majorVersion = Number(/version "(\d+)/.exec(build ?? '')?.[1])
  if (build === undefined || Number.isNaN(majorVersion)) {
    throw new MachineProblem(
      `No Java was found as ${command}. Install a JDK of version ${oldestMajorVersion} or newer, or set JAVA_HOME to one.`,
    )
  }
  if (majorVersion < oldestMajorVersion) {
    throw new MachineProblem(
      `Java ${majorVersion} is too old. Install a JDK of version ${oldestMajorVersion} or newer, or set JAVA_HOME to one.`,
    )
  }
  return { command, majorVersion, build }
}

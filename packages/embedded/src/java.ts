import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { MachineProblem } from '@tributary/kit/problems'

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
    ({ stderr }) => withoutNotices(stderr),
    () => undefined,
  )
  // Java 8 called itself 1.8.
  const majorVersion = Number(/version "(?:1\.)?(\d+)/.exec(build ?? '')?.[1])
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

/** Options from the environment are announced there too, and are no part of the build. */
const withoutNotices = (text: string) =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('Picked up '))
    .join('\n')
    .trim()

import { createHash } from 'node:crypto'
import { cp, glob, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { locateJava, type Java } from './java.ts'
import { maven, type SetupContext } from './maven.ts'
import { MachineProblem } from '@tributary/kit/problems'
import { projectDirectory, runtimeDirectory } from './projectDirectory.ts'
import { unfinishedPlace } from './unfinished.ts'

/**
 * Apache Kafka and the broker plugin, as this machine runs them. Built once by set-up into a
 * directory named after everything that goes into it; a change of any part builds a new one.
 */
export interface KafkaRuntime {
  directory: string
  java: string
  classPath: string
  jvmOptions: readonly string[]
}

const pom = path.join(projectDirectory, 'infra/kafka-runtime/pom.xml')
const plugin = path.join(projectDirectory, 'packages/broker-plugin')

/** The runtime that set-up has built. Throws a MachineProblem when it has not. */
export async function loadKafkaRuntime(environment: NodeJS.ProcessEnv): Promise<KafkaRuntime> {
  const java = await locateJava(environment)
  const runtime = await describe(java, environment)
  const names = await readdir(runtime.directory).catch((): string[] => [])
  if (!names.includes('libs')) throw new MachineProblem('Kafka is not set up yet. Run: npm run tributary setup')
  return runtime
}

/** Downloads Kafka and builds the plugin, unless that was done before. */
export async function buildKafkaRuntime(context: SetupContext): Promise<KafkaRuntime> {
  const java = await locateJava(context.environment)
  const { directory } = await describe(java, context.environment)
  const built = await readdir(path.join(directory, 'libs')).catch((): string[] => [])
  if (built.length === 0) {
    const unfinished = unfinishedPlace('kafka')
    await mkdir(unfinished, { recursive: true })
    try {
      await context.step('downloading Apache Kafka', () =>
        maven(['-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${unfinished}/libs`], context),
      )
      const build = path.join(unfinished, 'plugin')
      await cp(plugin, build, { recursive: true, filter: (source) => path.basename(source) !== 'target' })
      await context.step('building the broker plugin', () =>
        maven(['-f', path.join(build, 'pom.xml'), '-DskipTests', 'package'], context),
      )
      await cp(
        path.join(build, 'target/tributary-broker-plugin.jar'),
        path.join(unfinished, 'libs/tributary-broker-plugin.jar'),
      )
      await rm(build, { recursive: true })
      await moveUnlessPresent(unfinished, directory)
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
  }
  return describe(java, context.environment)
}

/** Where the JVM keeps the classes of a broker, loaded and verified ahead of time. */
export const classArchive = (runtime: KafkaRuntime) => path.join(runtime.directory, 'broker.jsa')

async function describe(java: Java, environment: NodeJS.ProcessEnv): Promise<KafkaRuntime> {
  const directory = path.join(runtimeDirectory, `kafka-${await fingerprint(java)}`)
  const jars = (await readdir(path.join(directory, 'libs')).catch((): string[] => [])).toSorted()
  const present = await readdir(directory).catch((): string[] => [])
  return {
    directory,
    java: java.command,
    classPath: jars.map((jar) => path.join(directory, 'libs', jar)).join(':'),
    jvmOptions: [
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-XX:-UsePerfData',
      '-Djava.awt.headless=true',
      ...(present.includes('broker.jsa') ? [`-XX:SharedArchiveFile=${path.join(directory, 'broker.jsa')}`] : []),
      // As of Kafka's own scripts; of two flags that differ the JVM takes the later one.
      ...(environment['KAFKA_JVM_PERFORMANCE_OPTS'] ?? '').split(/\s+/).filter((option) => option !== ''),
    ],
  }
}

async function fingerprint(java: Java): Promise<string> {
  const hash = createHash('sha256').update(java.build)
  const sources = await Array.fromAsync(glob('{pom.xml,src/main/**/*}', { cwd: plugin, withFileTypes: true }))
  const files = sources.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  for (const file of [pom, ...files.toSorted()]) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 12)
}

/** Two set-ups at once build the same thing: whoever is second leaves the first's in place. */
async function moveUnlessPresent(from: string, to: string) {
  try {
    await rename(from, to)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** Puts a finished archive of classes in place. */
export async function installClassArchive(runtime: KafkaRuntime, archive: string): Promise<void> {
  await rename(archive, classArchive(runtime))
}

import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import { locateJava } from '@tributary/embedded/java'
import { loadKafkaRuntime } from '@tributary/embedded/kafkaRuntime'
import { locatePostgres } from '@tributary/embedded/postgres'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { locateRedis } from '@tributary/embedded/redis'
import { readConfiguration, type Configuration } from '@tributary/kit/configuration'
import { isFree } from '@tributary/orchestrators/local/ports'
import { findHolder } from './up/holdHome.ts'

const leastFreeBytes = 2 * 1024 ** 3

/** Looks at everything that `up` needs and says what is wrong, and how to mend it. */
export async function doctor(): Promise<void> {
  const configuration = await check('settings', async () => {
    const read = readConfiguration(process.env)
    return [read, `state in ${read.home}, API at ${read.publicUrl}`]
  })
  if (configuration === undefined) return
  const { databaseUrl, redisUrl } = configuration
  await check('API port', async () => [true, await portState(configuration)])
  await check('JDK', async () => [true, await compilerVersion()])
  await check('Maven', async () => [true, await mavenVersion()])
  await check('Kafka', async () => [true, (await loadKafkaRuntime(process.env)).directory])
  await check('Postgres', async () => [true, databaseUrl === undefined ? await locatePostgres() : 'from DATABASE_URL'])
  await check('Redis', async () => [true, redisUrl === undefined ? await locateRedis(process.env) : 'from REDIS_URL'])
  await check('disk', async () => [true, await freeSpace()])
  console.log(process.exitCode === 1 ? '\nMend what is marked with ✗, then: npm start' : '\nAll is well: npm start')
}

/** Prints what is there, or what is wrong; then the result is undefined. */
async function check<Result>(name: string, look: () => Promise<[Result, string]>): Promise<Result | undefined> {
  try {
    const [result, found] = await look()
    console.log(`✓ ${name}: ${found}`)
    return result
  } catch (error) {
    console.log(`✗ ${name}: ${(error as Error).message}`)
    process.exitCode = 1
    return undefined
  }
}

async function portState({ home, host, port }: Configuration): Promise<string> {
  const holder = await findHolder(home)
  if (holder !== undefined) return `${port}; Tributary runs (process ${holder})`
  if (await isFree(host, port)) return `${port} is free`
  throw new Error(`Port ${port} on ${host} is taken. Free it, or set TRIBUTARY_PORT to another.`)
}

/** Set-up compiles the broker plugin, so a Java runtime without its compiler is not enough. */
async function compilerVersion(): Promise<string> {
  const { command, majorVersion } = await locateJava(process.env)
  const compiler = command.replace(/java$/, 'javac')
  await promisify(execFile)(compiler, ['-version']).catch(() => {
    throw new Error(`Java ${majorVersion} has no compiler (${compiler}). Install a JDK, not only a Java runtime.`)
  })
  return String(majorVersion)
}

async function mavenVersion(): Promise<string> {
  const found = await promisify(execFile)('mvn', ['--version']).catch(() => undefined)
  if (found === undefined) throw new Error('Maven was not found. Install it: set-up downloads Kafka with it.')
  const [version] = /\d+(\.\d+)+/.exec(found.stdout) ?? []
  return version ?? 'of an unknown version'
}

async function freeSpace(): Promise<string> {
  const { bavail, bsize } = await statfs(projectDirectory)
  const free = bavail * bsize
  if (free < leastFreeBytes) throw new Error('Less than 2 GB are free. Free some space.')
  return `${Math.round(free / 1024 ** 3)} GB free`
}

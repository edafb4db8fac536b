import type { ChildProcess } from 'node:child_process'
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { MachineProblem } from '@tributary/kit/problems'
import { forkProgram, type Program } from '@tributary/embedded/program'
import { report } from '../progress.ts'

const largestLogBytes = 10 * 1024 ** 2
const stopGraceMs = 10_000
/** A program that ran this long was healthy: its next start is not delayed. */
const healthyAfterMs = 60_000
const restartAfterMs = (quickDeaths: number) => Math.min(30_000, 500 * 2 ** quickDeaths)

/**
 * Runs the api and the worker, and starts one again that died: at once the first time, later and
 * later if it keeps dying. They end by themselves when this process does.
 */
export class Supervisor {
  readonly #logDirectory: string
  readonly #environment: NodeJS.ProcessEnv
  readonly #children = new Map<Program, ChildProcess>()
  readonly #loops: Promise<void>[] = []
  readonly #stopping = new AbortController()

  constructor(logDirectory: string, environment: NodeJS.ProcessEnv) {
    this.#logDirectory = logDirectory
    this.#environment = environment
  }

  /** Returns when the program says that it is ready. Throws with its last words when it ends before. */
  async start(program: Program, signal: AbortSignal): Promise<void> {
    const child = await this.#fork(program)
    await new Promise<void>((resolve, reject) => {
      const settle = (result: () => void) => {
        child.removeListener('exit', onExit)
        signal.removeEventListener('abort', onAbort)
        result()
      }
      const onExit = () =>
        void this.#lastWords(program).then((words) => settle(() => reject(new MachineProblem(words))))
      const onAbort = () => settle(() => reject(new Error('interrupted')))
      child.once('message', () => settle(resolve))
      child.once('exit', onExit)
      signal.addEventListener('abort', onAbort)
    })
    this.#loops.push(this.#keepRunning(program, child))
  }

  async #keepRunning(program: Program, first: ChildProcess): Promise<void> {
    let child: ChildProcess | undefined = first
    let startedAt = performance.now()
    let quickDeaths = 0
    for (;;) {
      const how = child === undefined ? 'could not be started' : `ended (${await ending(child)})`
      if (this.#stopping.signal.aborted) return
      if (performance.now() - startedAt > healthyAfterMs) quickDeaths = 0
      const afterMs = restartAfterMs(quickDeaths++)
      report(`the ${program} ${how}; starting it again in ${afterMs / 1000} s. Its log is ${this.#logFile(program)}`)
      await delay(afterMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
      if (this.#stopping.signal.aborted) return
      startedAt = performance.now()
      child = await this.#fork(program).catch(() => undefined)
      if (this.#stopping.signal.aborted && child !== undefined) await end(child)
    }
  }

  async #fork(program: Program): Promise<ChildProcess> {
    const log = await this.#openLog(program)
    try {
      const child = forkProgram(program, {
        env: this.#environment,
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
        detached: true,
      })
      this.#children.set(program, child)
      return child
    } finally {
      await log.close()
    }
  }

  async #openLog(program: Program) {
    await mkdir(this.#logDirectory, { recursive: true, mode: 0o700 })
    const file = this.#logFile(program)
    const size = await stat(file).then(
      (stats) => stats.size,
      () => 0,
    )
    if (size > largestLogBytes) await rename(file, `${file}.1`)
    return open(file, 'a', 0o600)
  }

  async #lastWords(program: Program) {
    const text = await readFile(this.#logFile(program), 'utf8')
    const words = text
      .trim()
      .split('\n')
      .findLast((line) => line.startsWith(`${program}: `))
    return words?.slice(program.length + 2) ?? `The ${program} did not start. Its log is ${this.#logFile(program)}.`
  }

  #logFile(program: Program) {
    return path.join(this.#logDirectory, `${program}.log`)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all([...[...this.#children.values()].map(end), ...this.#loops])
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

/** Resolves to the exit code or signal. */
function ending(child: ChildProcess): Promise<string> {
  const how = () => child.signalCode ?? `exit code ${child.exitCode}`
  if (hasEnded(child)) return Promise.resolve(how())
  return new Promise((resolve) => {
    child.once('exit', () => resolve(how()))
    child.once('error', () => resolve(how()))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const ended = ending(child)
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
  await ended
  clearTimeout(timer)
}

import { fork, type ChildProcess } from 'node:child_process'
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { MachineProblem } from '@tributary/embedded/problems'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { report } from '../progress.ts'

const restartAfterMs = 500
const largestLogBytes = 10 * 1024 ** 2
const stopGraceMs = 10_000

/** Runs the api and the worker, and starts one again that died. They end by themselves when this process does. */
export class Supervisor {
  readonly #logDirectory: string
  readonly #environment: NodeJS.ProcessEnv
  readonly #children = new Map<string, ChildProcess>()
  #stopping = false

  constructor(logDirectory: string, environment: NodeJS.ProcessEnv) {
    this.#logDirectory = logDirectory
    this.#environment = environment
  }

  /** Returns when the program says that it is ready. Throws with its last words when it ends before. */
  async start(program: 'api' | 'worker'): Promise<void> {
    const child = await this.#fork(program)
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve())
      child.once('exit', () => void this.#lastWords(program).then((words) => reject(new MachineProblem(words))))
    })
    child.removeAllListeners('exit')
    this.#restartWhenItDies(program, child)
  }

  #restartWhenItDies(program: 'api' | 'worker', child: ChildProcess) {
    child.once('exit', (code, signal) => {
      if (this.#stopping) return
      report(`the ${program} ended (${signal ?? code}); starting it again`)
      setTimeout(() => {
        if (this.#stopping) return
        void this.#fork(program).then((next) => this.#restartWhenItDies(program, next))
      }, restartAfterMs)
    })
  }

  async #fork(program: string): Promise<ChildProcess> {
    const log = await this.#openLog(program)
    const child = fork(path.join(projectDirectory, 'apps', program, 'src/main.ts'), {
      env: this.#environment,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      detached: true,
    })
    this.#children.set(program, child)
    await log.close()
    return child
  }

  async #openLog(program: string) {
    await mkdir(this.#logDirectory, { recursive: true })
    const file = this.#logFile(program)
    const size = await stat(file).then(
      (stats) => stats.size,
      () => 0,
    )
    if (size > largestLogBytes) await rename(file, `${file}.1`)
    return open(file, 'a', 0o600)
  }

  async #lastWords(program: string) {
    const text = await readFile(this.#logFile(program), 'utf8')
    const words = text
      .trim()
      .split('\n')
      .findLast((line) => line.startsWith(`${program}: `))
    return words ?? `The ${program} did not start. Its log is ${this.#logFile(program)}.`
  }

  #logFile(program: string) {
    return path.join(this.#logDirectory, `${program}.log`)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all([...this.#children.values()].map(end))
  }
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

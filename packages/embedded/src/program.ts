import { fork, type ChildProcess, type ForkOptions } from 'node:child_process'
import path from 'node:path'
import { projectDirectory } from './projectDirectory.ts'

export type Program = 'api' | 'worker'

/** A worker waits most of the time: a small young generation costs it little, and memory is held for ever. */
const nodeOptions: Readonly<Record<Program, readonly string[]>> = { api: [], worker: ['--max-semi-space-size=2'] }

export const forkProgram = (program: Program, options: ForkOptions): ChildProcess =>
  fork(path.join(projectDirectory, 'apps', program, 'src/main.ts'), {
    ...options,
    execArgv: [...process.execArgv, ...nodeOptions[program]],
  })

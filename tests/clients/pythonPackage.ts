import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectDirectory } from '@tributary/embedded/projectDirectory'

const run = promisify(execFile)

/** A package of PyPI in a Python environment of its own. */
export class PythonPackage {
  readonly #requirement: string
  readonly #directory: string

  constructor(name: string, version: string) {
    this.#requirement = `${name}==${version}`
    this.#directory = path.join(projectDirectory, `.runtime/${name}-${version}`)
  }

  get python(): string {
    return path.join(this.#directory, 'bin/python')
  }

  /** A script of the package, for that Python: its first line names where the environment was made. */
  script(name: string): string {
    return path.join(this.#directory, 'bin', name)
  }

  /** Why it cannot be had on this machine; undefined when it can, installed if it was not. */
  async problem(): Promise<string | undefined> {
    if (existsSync(this.#directory)) return undefined
    const unfinished = `${this.#directory}.${process.pid}`
    try {
      await run('python3', ['-m', 'venv', '--copies', unfinished])
      await run(path.join(unfinished, 'bin/python'), ['-m', 'pip', 'install', '--quiet', this.#requirement])
      await rename(unfinished, this.#directory)
      return undefined
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true })
      return `${this.#requirement} needs python3 with venv, and PyPI (${(error as Error).message.split('\n')[0]})`
    }
  }
}

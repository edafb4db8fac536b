import { execFileSync, type ChildProcess } from 'node:child_process'
import { chmodSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Runs what follows in a mount namespace of its own. */
const inOwnNamespace = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--mount']

/** Why no disk of a test's own can be mounted here; undefined where one can. */
export function smallDiskProblem(): string | undefined {
  try {
    execFileSync('sh', ['-c', `${inOwnNamespace.join(' ')} mount -t tmpfs -o size=1m tmpfs /tmp`], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `no disk was filled: tmpfs cannot be mounted here (${(error as Error).message.trim()})`
  }
}

/** A disk that a program sees at `directory`, that nobody else does, and that goes with the program's last process. */
export class SmallDisk {
  readonly #directory: string
  readonly #megabytes: number
  #filler = ''

  constructor(directory: string, megabytes: number) {
    this.#directory = directory
    this.#megabytes = megabytes
  }

  /** What a program is to be forked with, as if it were Node; `work` is a directory for it. */
  execPath(work: string): string {
    const script = path.join(work, 'on-small-disk.sh')
    const mount = `mount -t tmpfs -o size=${this.#megabytes}m,mode=0700 tmpfs "$0" && exec "$@"`
    const command = [
      'exec',
      ...inOwnNamespace,
      'sh',
      '-c',
      `'${mount}'`,
      `'${this.#directory}'`,
      `'${process.execPath}'`,
    ]
    writeFileSync(script, `#!/bin/sh\n${command.join(' ')} "$@"\n`)
    chmodSync(script, 0o700)
    return script
  }

  /** Leaves so many bytes free of the disk of a program that runs. */
  fill({ pid }: ChildProcess, leaveBytes: number): void {
    // What the program sees there; its name for us is through the process.
    const disk = `/proc/${pid}/root${this.#directory}`
    this.#filler = path.join(disk, '.filler')
    const { bavail, bsize } = statfsSync(disk)
    try {
      writeFileSync(this.#filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)))
    } catch (error) {
      // What writes there at the same time took the last of it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }

  makeRoom(): void {
    if (this.#filler !== '') rmSync(this.#filler, { force: true })
  }
}

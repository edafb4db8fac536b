import { execFileSync, fork, type ChildProcess } from 'node:child_process'
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

/** A program whose `directory` is a disk of its own, that nobody else sees and that goes with the program. */
export interface OnSmallDisk {
  child: ChildProcess
  /** Leaves so many bytes of the disk free. */
  fill(leaveBytes: number): void
  makeRoom(): void
}

/** Starts a program of ours and returns when it is ready; `work` is a directory for the script that mounts its disk. */
export async function startOnSmallDisk(
  program: string,
  {
    directory,
    megabytes,
    work,
    environment,
  }: { directory: string; megabytes: number; work: string; environment: NodeJS.ProcessEnv },
): Promise<OnSmallDisk> {
  const script = path.join(work, 'on-small-disk.sh')
  const mount = `mount -t tmpfs -o size=${megabytes}m,mode=0700 tmpfs "$0" && exec "$@"`
  const command = ['exec', ...inOwnNamespace, 'sh', '-c', `'${mount}'`, `'${directory}'`, `'${process.execPath}'`]
  writeFileSync(script, `#!/bin/sh\n${command.join(' ')} "$@"\n`)
  chmodSync(script, 0o700)
  const child = fork(program, { execPath: script, env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) => reject(new Error(`${program} ended with exit code ${code}`)))
  })
  // What the program sees there; its name for us is through the process.
  const disk = `/proc/${child.pid}/root${directory}`
  const filler = path.join(disk, 'filler')
  return {
    child,
    fill(leaveBytes) {
      const { bavail, bsize } = statfsSync(disk)
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)))
    },
    makeRoom: () => rmSync(filler, { force: true }),
  }
}

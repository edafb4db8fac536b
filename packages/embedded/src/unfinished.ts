import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { isAlive } from '@tributary/kit/processes'
import { runtimeDirectory } from './projectDirectory.ts'

/**
 * Where a set-up builds something before it is moved into its place: named after the process, so
 * that the next set-up finds what one that was killed has left.
 */
export const unfinishedPlace = (what: string) => path.join(runtimeDirectory, `${what}.${process.pid}`)

/** What set-ups that live no longer have left behind. */
export async function findUnfinished(): Promise<string[]> {
  const names = await readdir(runtimeDirectory).catch((): string[] => [])
  return names
    .filter((name) => {
      const [, pid] = /\.(\d+)$/.exec(name) ?? []
      return pid !== undefined && !isAlive(Number(pid))
    })
    .map((name) => path.join(runtimeDirectory, name))
}

export async function removeUnfinished(): Promise<void> {
  for (const place of await findUnfinished()) await rm(place, { recursive: true, force: true })
}

import type { Database } from '@tributary/database/database'
import { prunings } from '@tributary/database/prune'
import type { Timers } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import { failpoint } from './failpoints.ts'

const defaultFirstAfterMs = 60_000
const everyMs = 24 * 3_600_000

/** Resolves to how many rows went, by what they were. */
export type Prune = () => Promise<Record<string, number>>

export async function pruneOnce(database: Database): Promise<Record<string, number>> {
  const pruned: Record<string, number> = {}
  for (const [name, deleteRows] of Object.entries(prunings)) {
    failpoint(`pruner:${name}:before-delete`)
    pruned[name] = await deleteRows(database)
    failpoint(`pruner:${name}:after-delete`)
  }
  return pruned
}

/** Deletes once a day what nobody asks for any more. Several workers may do it at the same time. */
export function startPruner(
  prune: Prune,
  { clock, log, firstAfterMs = defaultFirstAfterMs }: { clock: Timers; log: Log; firstAfterMs?: number | undefined },
): { stop(): Promise<void> } {
  let cancel: (() => void) | undefined
  let pruning = Promise.resolve()
  const again = (afterMs: number) => {
    cancel = clock.after(afterMs, () => {
      again(everyMs)
      pruning = prune().then(
        (pruned) => log.info(pruned, 'pruned'),
        (error: unknown) => log.warn({ err: error }, 'could not prune; it is tried again tomorrow'),
      )
    })
  }
  again(firstAfterMs)
  return {
    stop() {
      cancel?.()
      return pruning
    },
  }
}

import { prune } from '@tributary/database/prune'
import type { Database } from '@tributary/database/database'
import type { Log } from '@tributary/kit/log'

const firstAfterMs = 60_000
const everyMs = 24 * 3_600_000

/** Deletes once a day what nobody asks for any more. Several workers may do it at the same time. */
export function startPruner(database: Database, log: Log): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined
  let pruning = Promise.resolve()
  const again = (afterMs: number) => {
    timer = setTimeout(() => {
      again(everyMs)
      pruning = prune(database).then(
        (pruned) => log.info(pruned, 'pruned'),
        (error: unknown) => log.warn({ err: error }, 'could not prune; it is tried again tomorrow'),
      )
    }, afterMs)
  }
  again(firstAfterMs)
  return {
    stop() {
      clearTimeout(timer)
      return pruning
    },
  }
}

import type { prune } from '@tributary/database/prune'
import type { Timers } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'

const firstAfterMs = 60_000
const everyMs = 24 * 3_600_000

/** Deletes once a day what nobody asks for any more. Several workers may do it at the same time. */
export function startPruner(
  pruneOnce: () => ReturnType<typeof prune>,
  clock: Timers,
  log: Log,
): { stop(): Promise<void> } {
  let cancel: (() => void) | undefined
  let pruning = Promise.resolve()
  const again = (afterMs: number) => {
    cancel = clock.after(afterMs, () => {
      again(everyMs)
      pruning = pruneOnce().then(
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

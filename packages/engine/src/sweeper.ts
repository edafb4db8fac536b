import type { Timers } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import { failpoint } from './failpoints.ts'
import type { JobQueues, LeaseStore } from './stores.ts'

const sweepEveryMs = 1000
const batch = 1000

/** Rings for what is due. With Redis emptied this alone makes the system converge. */
export function startSweeper(
  resources: LeaseStore,
  jobs: JobQueues,
  clock: Timers,
  log: Log,
): { stop(): Promise<void> } {
  let sweeping: Promise<void> | undefined
  const sweep = async () => {
    const due = await resources.due(jobs.kinds, batch)
    if (due.length === 0) return
    failpoint('sweeper:before-ring')
    await jobs.ringAfterLease(due)
    failpoint('sweeper:after-ring')
  }
  const stopSweeping = clock.every(sweepEveryMs, () => {
    sweeping ??= sweep()
      .catch((error: unknown) => log.warn({ err: error }, 'the sweeper could not sweep; it tries again'))
      .finally(() => (sweeping = undefined))
  })
  return {
    async stop() {
      stopSweeping()
      await sweeping
    },
  }
}

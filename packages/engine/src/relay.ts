import type { Timers } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import { failpoint } from './failpoints.ts'
import type { JobQueues, Outbox } from './stores.ts'

const pollEveryMs = 1000
const batch = 500

/**
 * Turns outbox rows into jobs: at once when Postgres notifies, and every second in case a
 * notification was missed. Rows go only after their jobs were added.
 */
export function startRelay(outbox: Outbox, jobs: JobQueues, clock: Timers, log: Log): { stop(): Promise<void> } {
  let stopped = false
  let again = false
  let draining: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    again = false
    const delivered = await outbox.drain(batch, async (pointers) => {
      failpoint('relay:before-add')
      await jobs.ring(pointers)
      failpoint('relay:after-add')
    })
    if (delivered > 0) failpoint('relay:after-delete')
    if ((again || delivered === batch) && !stopped) await drain()
  }
  const ring = () => {
    again = true
    if (stopped || draining !== undefined) return
    draining = drain()
      .catch((error: unknown) => log.warn({ err: error }, 'the relay could not deliver; it tries again'))
      .finally(() => (draining = undefined))
  }

  const listening = outbox.listen(ring, (error) =>
    log.warn({ err: error }, 'the relay lost its connection; it polls until it is back'),
  )
  const stopPolling = clock.every(pollEveryMs, ring)
  return {
    async stop() {
      stopped = true
      stopPolling()
      await Promise.all([listening.stop(), draining])
    },
  }
}

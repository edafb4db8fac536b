import type { Timers } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import type { LeaseStore } from './stores.ts'

const countEveryMs = 60_000

/** Of all resources together, by all workers. */
const looksPerSecond = 3

/**
 * How often what is settled is looked at again, in case the world changed without saying so. A kind says how often it would
 * like to; a large fleet has its looks further apart, so that they never take what changes are carried out with.
 */
export interface DriftBudget {
  /** Milliseconds until the next look, where a kind would like it after so many. */
  lookAfterMs(wantedMs: number, random: number): number
  stop(): Promise<void>
}

/** Of a large fleet any time around its turn, by a number in [0, 1): what was looked at together is not again. */
export const lookAfterMs = (wantedMs: number, size: number, random: number): number =>
  Math.max(wantedMs, ((0.5 + random) * 1000 * size) / looksPerSecond)

export function startDriftBudget(resources: LeaseStore, clock: Timers, log: Log): DriftBudget {
  let size = 0
  let counting = Promise.resolve()
  const count = () => {
    counting = resources.count().then(
      (counted) => void (size = counted),
      (error: unknown) => log.warn({ err: error }, 'could not count what is looked after; it is tried again'),
    )
  }
  count()
  const stopCounting = clock.every(countEveryMs, count)
  return {
    lookAfterMs: (wantedMs, random) => lookAfterMs(wantedMs, size, random),
    stop() {
      stopCounting()
      return counting
    },
  }
}

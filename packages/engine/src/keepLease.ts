import type { Lease } from '@tributary/database/lease'
import type { Timers } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import { failpoint } from './failpoints.ts'
import type { LeaseStore } from './stores.ts'

export interface KeptLease extends Disposable {
  /** Aborted when the lease is lost, or may have been. */
  signal: AbortSignal
  /** Whether it is surely held now. A process that was paused knows it before any timer has run. */
  isHeld(): boolean
}

/**
 * Renews a lease while it is worked under. `takenAt` is the clock's `elapsedMs()` before it was asked
 * for: by this process's monotonic clock it ends no later than by the database's.
 */
export function keepLease(
  lease: Lease,
  takenAt: number,
  { resources, clock, log }: { resources: LeaseStore; clock: Timers; log: Log },
): KeptLease {
  const { leaseTtlMs } = resources
  const lost = new AbortController()
  let heldUntil = takenAt + leaseTtlMs
  const isHeld = () => {
    if (clock.elapsedMs() >= heldUntil) lost.abort()
    return !lost.signal.aborted
  }
  const renew = async () => {
    const askedAt = clock.elapsedMs()
    failpoint(`${lease.kind}:before-renew`)
    const renewed = await resources.renew(lease)
    failpoint(`${lease.kind}:after-renew`)
    if (renewed) heldUntil = Math.max(heldUntil, askedAt + leaseTtlMs)
    else lost.abort()
  }
  const stop = clock.every(leaseTtlMs / 3, () => {
    if (!isHeld()) return stop()
    renew().catch((error: unknown) =>
      log.warn({ kind: lease.kind, id: lease.id, err: error }, 'could not renew a lease'),
    )
  })
  return { signal: lost.signal, isHeld, [Symbol.dispose]: stop }
}

import type { Lease, Resources } from '@tributary/database/resources'
import type { Log } from '@tributary/kit/log'

export interface KeptLease extends Disposable {
  /** Aborted when the lease is lost, or may have been. */
  signal: AbortSignal
  /** Whether it is surely held now. A process that was paused knows it before any timer has run. */
  isHeld(): boolean
}

/**
 * Renews a lease while it is worked under. `takenAt` is `performance.now()` before it was asked for:
 * by this process's monotonic clock it ends no later than by the database's.
 */
export function keepLease(lease: Lease, takenAt: number, resources: Resources, log: Log): KeptLease {
  const { leaseTtlMs } = resources
  const lost = new AbortController()
  let heldUntil = takenAt + leaseTtlMs
  const isHeld = () => {
    if (performance.now() >= heldUntil) lost.abort()
    return !lost.signal.aborted
  }
  const renew = async () => {
    const askedAt = performance.now()
    if (await resources.renew(lease)) heldUntil = Math.max(heldUntil, askedAt + leaseTtlMs)
    else lost.abort()
  }
  const timer = setInterval(() => {
    if (!isHeld()) return clearInterval(timer)
    renew().catch((error: unknown) =>
      log.warn({ kind: lease.kind, id: lease.id, err: error }, 'could not renew a lease'),
    )
  }, leaseTtlMs / 3)
  return { signal: lost.signal, isHeld, [Symbol.dispose]: () => clearInterval(timer) }
}

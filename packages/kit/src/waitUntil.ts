import { setTimeout as delay } from 'node:timers/promises'

/**
 * Polls `probe` until it returns something other than undefined or false.
 * Throws when `timeoutMs` is over; errors of the probe count as "not yet" and are named then.
 * Throws at once when the signal is aborted.
 */
export async function waitUntil<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  {
    timeoutMs,
    everyMs = 50,
    what,
    signal,
  }: { timeoutMs: number; everyMs?: number; what: string; signal?: AbortSignal },
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let lastError: unknown
  for (;;) {
    try {
      const result = await probe()
      if (result !== undefined && result !== false) return result
    } catch (error) {
      lastError = error
    }
    signal?.throwIfAborted()
    if (Date.now() >= deadline) {
      throw new Error(`Waited ${timeoutMs} ms for ${what}.`, { cause: lastError })
    }
    await delay(everyMs, undefined, signal === undefined ? {} : { signal })
  }
}

import { setTimeout as delay } from 'node:timers/promises'

/**
 * The controller has done something; the broker that is asked next may learn of it a moment later.
 * Polls until it has. Done it is: neither a broker that takes too long nor a caller who may not look
 * makes it an error.
 */
export async function untilSeen(look: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + longestWaitMs; performance.now() < deadline; await delay(20)) {
    const seen = await look().catch(() => 'hidden' as const)
    if (seen !== false) return
  }
}

const longestWaitMs = 5000

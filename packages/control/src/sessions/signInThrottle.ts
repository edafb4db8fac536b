import { errors } from '@tributary/domain/errors'
import type { Clock } from '@tributary/kit/clock'

const freeAttempts = 5
const firstWaitMs = 2000
const longestWaitMs = 300_000
const forgottenAfterMs = 900_000
/** Whoever guesses from ever new addresses fills this; the oldest entries go first. */
const mostEntries = 10_000

interface Attempts {
  count: number
  lastAtMs: number
}

/**
 * Slows down whoever guesses a password: after five failures for one e-mail address from one network
 * address each further attempt waits twice as long. An attempt counts when it begins, so that many
 * at once gain nothing; a success forgets them.
 */
export class SignInThrottle {
  readonly #clock: Clock
  readonly #attempts = new Map<string, Attempts>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Throws a 429 when it is too early. Returns what to call after a success. */
  begin(email: string, address: string): { succeeded: () => void } {
    const key = `${address} ${email.toLowerCase()}`
    const now = this.#clock.now().getTime()
    const known = this.#attempts.get(key)
    const before = known !== undefined && now - known.lastAtMs < forgottenAfterMs ? known : { count: 0, lastAtMs: now }
    const waitMs = before.lastAtMs + waitAfterMs(before.count) - now
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000)
      throw errors.tooManyRequests(`Too many attempts to sign in. Try again in ${seconds} s.`, seconds)
    }
    this.#remember(key, { count: before.count + 1, lastAtMs: now })
    return { succeeded: () => void this.#attempts.delete(key) }
  }

  #remember(key: string, attempts: Attempts) {
    this.#attempts.delete(key)
    this.#attempts.set(key, attempts)
    if (this.#attempts.size <= mostEntries) return
    const [oldest] = this.#attempts.keys()
    if (oldest !== undefined) this.#attempts.delete(oldest)
  }
}

const waitAfterMs = (failures: number) =>
  failures < freeAttempts ? 0 : Math.min(firstWaitMs * 2 ** (failures - freeAttempts), longestWaitMs)

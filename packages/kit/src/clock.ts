/** Time is a dependency: whatever decides by it receives a Clock. */
export interface Clock {
  now(): Date
}

/** A clock by which to wait. */
export interface Timers extends Clock {
  /** Milliseconds that only grow, whatever is done to the time of day. */
  elapsedMs(): number
  /** Calls back once; returns how to cancel that. */
  after(ms: number, callback: () => void): () => void
  /** Calls back again and again; returns how to end that. */
  every(ms: number, callback: () => void): () => void
}

export const systemClock: Timers = {
  now: () => new Date(),
  elapsedMs: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms)
    return () => clearInterval(timer)
  },
}

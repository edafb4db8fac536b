/** Time is a dependency: whatever decides by it receives a Clock. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

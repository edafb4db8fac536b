/**
 * Full jitter: a uniformly random wait between 0 and an exponentially growing bound, so that
 * many resources that failed together do not come back together.
 * `random` is in [0, 1).
 */
export function fullJitterMs(failures: number, { baseMs = 500, maxMs = 300_000 } = {}, random = Math.random()): number {
  const bound = Math.min(maxMs, baseMs * 2 ** Math.min(failures, 30))
  return Math.round(bound * random)
}

export interface Figure {
  what: string
  measured: string
  atMost: string
  holds: boolean
  note: string
}

/** The value below which a fraction of the samples lies (nearest rank). */
export function percentile(samples: readonly number[], fraction: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN
}

export const milliseconds = (value: number) => `${Math.round(value)} ms`
export const ratio = (value: number) => value.toFixed(2)
export const megabytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MB`

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** What is going on, for whoever waits at the terminal. */
export const report = (what: string) => console.log(`• ${what}`)

const everyMs = 10_000

/** Says what is being done, and every ten seconds that it still is. */
export async function step<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  report(what)
  const since = performance.now()
  const timer = setInterval(() => {
    console.log(`  still ${what} (${Math.round((performance.now() - since) / 1000)} s)`)
  }, everyMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

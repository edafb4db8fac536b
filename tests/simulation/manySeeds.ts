import { setImmediate as turn } from 'node:timers/promises'
import { simulate } from './simulate.ts'

/** How to see what happened. */
export const replayCommand = (seed: number) => `npm exec -- node tests/simulation/replay.ts ${seed}`

/** Seeds that broke a promise, each with the command that tells its history; at most a few. */
export async function brokenSeeds(from: number, count: number): Promise<string[]> {
  const broken: string[] = []
  for (let seed = from; seed < from + count && broken.length < 5; seed++) {
    const { problems } = await simulate(seed)
    if (problems.length > 0) broken.push(`${replayCommand(seed)}: ${problems.join('; ')}`)
    // Others in this process want to run too.
    if (seed % 20 === 0) await turn()
  }
  return broken
}

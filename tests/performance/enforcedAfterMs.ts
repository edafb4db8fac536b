import { setTimeout as delay } from 'node:timers/promises'

const lookEveryMs = 20
const longestMs = 10_000

/**
 * Milliseconds from the end of a change until it is seen to be enforced. Looks overlap: a broker keeps a refused client
 * waiting for 100 ms, and one look after the other would measure that.
 */
export async function enforcedAfterMs(
  change: () => Promise<unknown>,
  isEnforced: () => Promise<boolean>,
): Promise<number> {
  await change()
  const begin = performance.now()
  const seenAt: number[] = []
  const looks: Promise<void>[] = []
  const look = async () => {
    if (await isEnforced()) seenAt.push(performance.now())
  }
  while (seenAt.length === 0 && performance.now() - begin < longestMs) {
    looks.push(look())
    await delay(lookEveryMs)
  }
  await Promise.all(looks)
  const [first] = seenAt
  if (first === undefined) throw new Error(`a change was not enforced within ${longestMs} ms`)
  return first - begin
}

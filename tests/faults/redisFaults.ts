import { setTimeout as delay } from 'node:timers/promises'
import { emptyRedis } from '@tributary/testkit/redis'
import { refusalsOf } from './judgement.ts'
import type { World } from './world.ts'

/** Empties Redis again and again for as long as the work takes. Returns how often. */
export async function whileEmptied(url: string, everyMs: number, work: () => Promise<unknown>): Promise<number> {
  const over = new AbortController()
  const emptying = (async () => {
    for (let times = 0; ; times++) {
      if (over.signal.aborted) return times
      await emptyRedis(url)
      await delay(everyMs)
    }
  })()
  try {
    await work()
  } finally {
    over.abort()
  }
  return emptying
}

/** Takes Redis away for so long. Returns how many writes were acknowledged and how many requests refused meanwhile. */
export async function takeRedisAway(world: World, goneForMs: number): Promise<{ written: number; refused: number }> {
  const { installation } = world
  let written = 0
  const load = await world.underLoad(async ({ accounts, keys, bindings }) => {
    await installation.stopRedis()
    const soFar = accounts.length + keys.length + bindings.length
    await delay(goneForMs)
    written = accounts.length + keys.length + bindings.length - soFar
    await installation.startRedis()
  })
  return { written, refused: refusalsOf(load.answers).length }
}

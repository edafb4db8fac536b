import path from 'node:path'
import { waitUntil } from '@tributary/kit/waitUntil'
import { TestInstallation } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { KafkaRestLoad, recordsKept } from './kafkaRestLoad.ts'
import { World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await World.start(await TestInstallation.start(inject('postgresUrl')))
})
afterAll(() => world[Symbol.asyncDispose]())

const deaths = 8

describe('a broker that dies again and again takes nobody with it', () => {
  it(
    'while others ask for it, log in and write, and all that was acknowledged is there',
    { timeout: 300_000 },
    async () => {
      const { installation, producing } = world
      const programs = () => ['api', 'worker'].map((name) => installation.program(name))
      const before = programs().map((program) => program?.pid)
      const rest = new KafkaRestLoad(world)
      await world.underLoad(async () => {
        for (let death = 1; death <= deaths; death++) {
          const [broker = Number.NaN] = await processesIn(path.join(installation.home, 'workloads'))
          process.kill(broker, 'SIGKILL')
          const seen = producing.seen().written
          await waitUntil(() => producing.seen().written > seen + 10, {
            timeoutMs: 60_000,
            what: `records to be acknowledged after death ${death}`,
          })
        }
      })
      const written = await rest.stop()
      await producing.stop()
      expect(programs().map((program) => [program?.pid, program?.exitCode])).toEqual(before.map((pid) => [pid, null]))
      expect(rest.strange()).toEqual({})
      expect(rest.answers.filter(({ status }) => status === 503).length).toBeGreaterThan(deaths)
      expect(await recordsKept(world)).toBeGreaterThanOrEqual(producing.seen().written + written)
    },
  )
})

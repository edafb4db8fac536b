import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '@tributary/kit/waitUntil'
import type { ApiAnswer } from '@tributary/testkit/apiClient'
import { runKafkaTool } from '@tributary/testkit/kafkaTools'
import { TestInstallation } from '@tributary/testkit/installation'
import { processesIn } from '@tributary/testkit/processes'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await World.start(await TestInstallation.start(inject('postgresUrl')))
})
afterAll(() => world[Symbol.asyncDispose]())

const deaths = 8
const clients = 12

/** Neither done, nor that it may be tried again. */
const isStrange = ({ status, headers, body }: ApiAnswer) =>
  status !== 200 && !(status === 503 && headers.has('retry-after')) && body?.error_code !== 50003
const saying = ({ status, text }: ApiAnswer) => `${status} ${text}`

describe('a broker that dies again and again takes nobody with it', () => {
  it(
    'while others ask for it, log in and write, and all that was acknowledged is there',
    { timeout: 300_000 },
    async () => {
      const { installation, cluster, login, producing } = world
      const broker = async () => (await processesIn(path.join(installation.home, 'workloads')))[0] ?? 0
      const before = ['api', 'worker'].map((name) => installation.program(name)?.pid)
      const answers: ApiAnswer[] = []
      let written = 0
      const stop = new AbortController()
      const topics = `/kafka/v3/clusters/${cluster.id}/topics`
      const asking = Array.from({ length: clients }, async (_, n) => {
        while (!stop.signal.aborted) {
          const writes = n % 2 === 0
          const answer = writes
            ? await login.rest.post(`${topics}/steady/records`, { value: { type: 'STRING', data: 'x' } })
            : await login.rest.get(topics)
          answers.push(answer)
          if (writes && answer.status === 200 && answer.body?.error_code === 200) written++
          await delay(5)
        }
      })
      await world.underLoad(async () => {
        for (let death = 0; death < deaths; death++) {
          const pid = await broker()
          process.kill(pid, 'SIGKILL')
          const seen = producing.seen().written
          await waitUntil(() => producing.seen().written > seen + 10, {
            timeoutMs: 60_000,
            what: `records to be acknowledged after death ${death + 1}`,
          })
        }
      })
      stop.abort()
      await Promise.all(asking)
      await producing.stop()
      expect(['api', 'worker'].map((name) => installation.program(name)?.pid)).toEqual(before)
      expect(['api', 'worker'].map((name) => installation.program(name)?.exitCode)).toEqual([null, null])
      expect(Object.fromEntries(Map.groupBy(answers.filter(isStrange), saying))).toEqual({})
      expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThan(deaths)
      const { stdout } = await runKafkaTool(login, 'GetOffsetShell', ['--topic', 'steady'])
      const [, end] = /^steady:0:(\d+)$/m.exec(stdout) ?? []
      expect(Number(end)).toBeGreaterThanOrEqual(producing.seen().written + written)
    },
  )
})

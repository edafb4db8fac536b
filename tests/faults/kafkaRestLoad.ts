import { setTimeout as delay } from 'node:timers/promises'
import type { ApiAnswer, ApiClient } from '@tributary/testkit/apiClient'
import { runKafkaTool } from '@tributary/testkit/kafkaTools'
import type { World } from './world.ts'

const clients = 12
const pauseMs = 5

/** Clients of Kafka REST: half of them write records to the topic to which others produce, half list topics. */
export class KafkaRestLoad {
  readonly answers: ApiAnswer[] = []
  #written = 0
  readonly #stop = new AbortController()
  readonly #asking: Promise<unknown>

  constructor({ login: { rest }, cluster }: World) {
    const topics = `/kafka/v3/clusters/${cluster.id}/topics`
    const loops = Array.from({ length: clients }, async (_, n) => {
      while (!this.#stop.signal.aborted) {
        await (n % 2 === 0 ? this.#write(rest, `${topics}/steady/records`) : this.#list(rest, topics))
        await delay(pauseMs)
      }
    })
    this.#asking = Promise.all(loops)
  }

  /** How many records were acknowledged. Returns when every client has its last answer. */
  async stop(): Promise<number> {
    this.#stop.abort()
    await this.#asking
    return this.#written
  }

  /** What was neither done nor said to be worth another try, and how often. */
  strange(): Record<string, number> {
    const strange = this.answers.filter(
      ({ status, headers, body }) =>
        status !== 200 && !(status === 503 && headers.has('retry-after')) && body?.error_code !== mayBeTriedAgain,
    )
    const bySaying = Map.groupBy(strange, ({ status, text }) => `${status} ${text}`)
    return Object.fromEntries([...bySaying].map(([saying, answers]) => [saying, answers.length]))
  }

  async #write(rest: ApiClient, records: string) {
    const answer = await rest.post(records, { value: { type: 'STRING', data: 'x' } })
    this.answers.push(answer)
    if (answer.status === 200 && answer.body?.error_code === 200) this.#written++
  }

  async #list(rest: ApiClient, topics: string) {
    this.answers.push(await rest.get(topics))
  }
}

/** Kafka REST's error of that name. */
const mayBeTriedAgain = 50_003

/** How many records are in the topic, as Kafka's own tool counts them. */
export async function recordsKept({ login }: World): Promise<number> {
  const { stdout } = await runKafkaTool(login, 'GetOffsetShell', ['--topic', 'steady'])
  return Number(/^steady:0:(\d+)$/m.exec(stdout)?.[1])
}

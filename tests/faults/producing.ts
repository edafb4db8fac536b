import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { TopicWriter } from '@tributary/kafka/records'
import type { ApiClient } from '@tributary/testkit/apiClient'
import type { KafkaLogin } from '@tributary/testkit/kafkaTools'

/** A Kafka client that writes record after record, each when the one before it has been acknowledged. */
export interface Producing {
  /** How many were acknowledged so far, what failed, and the longest that one took. */
  seen(): { written: number; failures: string[]; slowestMs: number }
  stop(): Promise<void>
}

const pauseMs = 10

export async function startProducing(
  { bootstrap, caFile, key, rest }: KafkaLogin & { rest: ApiClient },
  clusterId: string,
): Promise<Producing> {
  const topic = 'steady'
  const made = await rest.post(`/kafka/v3/clusters/${clusterId}/topics`, { topic_name: topic, partitions_count: 1 })
  if (made.status !== 201) throw new Error(`the topic was refused: ${made.text}`)
  const [host = '', port = ''] = bootstrap.split(':')
  const connection = {
    clientId: 'steady',
    bootstrap: [{ host, port: Number(port) }],
    tls: { ca: await readFile(caFile, 'utf8') },
    sasl: { mechanism: 'PLAIN', username: key.id, password: key.secret } as const,
  }
  const writer = new TopicWriter(connection, topic)
  const seen = { written: 0, failures: [] as string[], slowestMs: 0 }
  const record = { partition: 0, key: null, value: Buffer.from('x'), headers: [], timestampMs: undefined }
  const stop = new AbortController()
  const producing = (async () => {
    while (!stop.signal.aborted) {
      const begun = performance.now()
      await writer.write(record).then(
        () => seen.written++,
        (error: unknown) => seen.failures.push(String(error)),
      )
      seen.slowestMs = Math.max(seen.slowestMs, performance.now() - begun)
      await delay(pauseMs)
    }
  })()
  return {
    seen: () => ({ ...seen, failures: [...seen.failures] }),
    async stop() {
      stop.abort()
      await producing
    },
  }
}

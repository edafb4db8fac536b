import { readFile } from 'node:fs/promises'
import { openAdmin, type KafkaConnection } from '@tributary/kafka/connection'
import { createCluster, createClusterKey } from '@tributary/testkit/clusters'
import { TestInstallation } from '@tributary/testkit/installation'
import { waitUntil } from '@tributary/kit/waitUntil'
import { milliseconds, percentile, ratio, timed, type Figure } from './figure.ts'

const topicCount = 1000
const rounds = 30
const warmUps = 5

/** Listing topics through Kafka REST, in turn with the admin client over a connection of its own that stays open. */
export async function measureKafkaRest(postgresUrl: string): Promise<Figure[]> {
  await using installation = await TestInstallation.start(postgresUrl)
  const organization = await installation.createOrganization()
  const cluster = await createCluster(organization)
  const { key } = await createClusterKey(installation, organization, cluster)
  const [host = '', port] = cluster.bootstrap.split(':')
  const connection: KafkaConnection = {
    clientId: 'bench',
    bootstrap: [{ host, port: Number(port) }],
    tls: { ca: await readFile(installation.caFile, 'utf8') },
    sasl: { mechanism: 'PLAIN', username: key.id, password: key.secret },
  }
  const admin = openAdmin(connection)
  try {
    const topics = Array.from({ length: topicCount }, (_, index) => `topic-${String(index).padStart(4, '0')}`)
    await admin.createTopics({ topics, partitions: 1, replicas: 1 })
    const url = `${installation.endpoint}/kafka/v3/clusters/${cluster.id}/topics`
    const headers = { authorization: `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}` }
    const throughRest = async () => {
      const { data } = (await (await fetch(url, { headers })).json()) as { data: unknown[] }
      return data.length
    }
    const throughAdmin = async () => (await admin.listTopics()).length
    for (const count of [throughRest, throughAdmin]) {
      await waitUntil(async () => (await count()) === topicCount, { timeoutMs: 60_000, what: 'the topics' })
      for (let round = 0; round < warmUps; round++) await count()
    }
    const byRest: number[] = []
    const byAdmin: number[] = []
    for (let round = 0; round < rounds; round++) {
      byRest.push(await timed(throughRest))
      byAdmin.push(await timed(throughAdmin))
    }
    const [restP50, adminP50] = [percentile(byRest, 0.5), percentile(byAdmin, 0.5)]
    return [
      {
        what: `listing ${topicCount} topics: Kafka REST ÷ admin client (p50)`,
        measured: ratio(restP50 / adminP50),
        atMost: '3.00',
        holds: restP50 / adminP50 <= 3,
        note: `${milliseconds(restP50)} against ${milliseconds(adminP50)} for the names alone over an open connection; ${rounds} of each in turn`,
      },
    ]
  } finally {
    await admin.close()
  }
}

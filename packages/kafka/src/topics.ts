import { UserError, type Admin } from '@platformatic/kafka'
import { withAdmin, type KafkaConnection } from './connection.ts'

export interface Topic {
  name: string
  isInternal: boolean
  partitionsCount: number
  replicationFactor: number
}

/** The topics that the connected principal may describe, by name. */
export function listTopics(connection: KafkaConnection): Promise<Topic[]> {
  return withAdmin(connection, async (admin) => {
    for (let attempt = 0; attempt < mostListings; attempt++) {
      const topics = await describe(admin, await admin.listTopics({ includeInternals: false }))
      if (topics !== undefined) return topics
    }
    throw new Error('topics go faster than they can be listed')
  })
}

/** A topic may go between its name and its description: then the names are asked for again. */
const mostListings = 5

/** Undefined when there is none of that name. */
export function describeTopic(connection: KafkaConnection, name: string): Promise<Topic | undefined> {
  return withAdmin(connection, async (admin) => (await describe(admin, [name]))?.[0])
}

/** Undefined when one of them does not exist. */
async function describe(admin: Admin, names: string[]): Promise<Topic[] | undefined> {
  if (names.length === 0) return []
  try {
    const { topics } = await admin.metadata({ topics: names, forceUpdate: true })
    return [...topics]
      .map(([name, { partitions }]) => ({
        name,
        isInternal: name.startsWith('__'),
        partitionsCount: partitions.length,
        replicationFactor: partitions[0]?.replicas.length ?? 0,
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    // The client says Kafka's UNKNOWN_TOPIC_OR_PARTITION in words of its own.
    if (error instanceof UserError && error.message.startsWith('Unknown topic ')) return undefined
    throw error
  }
}

export interface NewTopic {
  name: string
  /** Undefined for the broker's default. */
  partitions: number | undefined
  replicationFactor: number | undefined
  configs: readonly { name: string; value: string }[]
}

/** The topic as it was made; its counts are 0 where the principal may not know them. */
export function createTopic(connection: KafkaConnection, topic: NewTopic): Promise<Topic> {
  return withAdmin(connection, async (admin) => {
    const [created] = await admin.createTopics({
      topics: [topic.name],
      partitions: topic.partitions ?? -1,
      replicas: topic.replicationFactor ?? -1,
      configs: [...topic.configs],
    })
    return {
      name: topic.name,
      isInternal: false,
      partitionsCount: Math.max(created?.partitions ?? 0, topic.partitions ?? 0),
      replicationFactor: Math.max(created?.replicas ?? 0, topic.replicationFactor ?? 0),
    }
  })
}

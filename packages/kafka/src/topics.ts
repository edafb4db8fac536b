import { withAdmin, type KafkaConnection } from './connection.ts'

export interface Topic {
  name: string
  isInternal: boolean
  partitions: readonly { id: number; leader: number; replicas: readonly number[]; isr: readonly number[] }[]
}

/** The topics that the connected principal may describe, by name. */
export function listTopics(connection: KafkaConnection): Promise<Topic[]> {
  return withAdmin(connection, async (admin) => {
    const names = await admin.listTopics({ includeInternals: false })
    return describe(admin, names)
  })
}

/** Throws the client's UNKNOWN_TOPIC_OR_PARTITION when there is none of that name. */
export function describeTopic(connection: KafkaConnection, name: string): Promise<Topic | undefined> {
  return withAdmin(connection, async (admin) => (await describe(admin, [name]))[0])
}

async function describe(admin: Parameters<Parameters<typeof withAdmin>[1]>[0], names: string[]): Promise<Topic[]> {
  if (names.length === 0) return []
  const { topics } = await admin.metadata({ topics: names, forceUpdate: true })
  return [...topics]
    .map(([name, { partitions }]) => ({
      name,
      isInternal: name.startsWith('__'),
      partitions: partitions.map(({ leader, replicas, isr }, id) => ({ id, leader, replicas, isr })),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

export interface NewTopic {
  name: string
  /** Undefined for the broker's default. */
  partitions: number | undefined
  replicationFactor: number | undefined
  configs: readonly { name: string; value: string }[]
}

export function createTopic(connection: KafkaConnection, topic: NewTopic): Promise<void> {
  return withAdmin(connection, async (admin) => {
    await admin.createTopics({
      topics: [topic.name],
      partitions: topic.partitions ?? -1,
      replicas: topic.replicationFactor ?? -1,
      configs: [...topic.configs],
    })
  })
}

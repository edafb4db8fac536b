import {
  createPartitionsV3,
  createTopicsV7,
  deleteTopicsV6,
  metadataV12,
  ProtocolError,
  type Connection,
} from '@platformatic/kafka'
import { asConfig, type Config } from './configs.ts'
import { askBroker, tellBroker, type KafkaConnection } from './connection.ts'
import { partsOf } from './kafkaErrors.ts'

export interface Topic {
  name: string
  isInternal: boolean
  partitionsCount: number
  replicationFactor: number
}

export interface Partition {
  id: number
  /** Undefined while it has none. */
  leader: number | undefined
  replicas: readonly number[]
}

export interface TopicDescription extends Topic {
  partitions: Partition[]
  /** What the connected principal may do with it, in Kafka's words; empty where that was not asked. */
  authorizedOperations: string[]
}

/** How long the controller may take to do something. */
const controllerTimeoutMs = 10_000

const noError = 0
const unknownTopic = 3

/** The topics that the connected principal may describe, by name. Kafka's own are not among them. */
export async function listTopics(connection: KafkaConnection): Promise<Topic[]> {
  const topics = await askBroker(connection, (broker) => readMetadata(broker, null))
  return topics
    .filter(({ errorCode, isInternal }) => errorCode === noError && !isInternal)
    .map(summary)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Undefined when there is none of that name. */
export async function describeTopic(
  connection: KafkaConnection,
  name: string,
  { authorizedOperations = false } = {},
): Promise<TopicDescription | undefined> {
  const [topic] = await askBroker(connection, (broker) => readMetadata(broker, [name], authorizedOperations))
  if (topic === undefined || topic.errorCode === unknownTopic) return undefined
  if (topic.errorCode !== noError) throw new ProtocolError(topic.errorCode)
  const partitions = topic.partitions.map(({ partitionIndex, leaderId, replicaNodes }) => ({
    id: partitionIndex,
    leader: leaderId < 0 ? undefined : leaderId,
    replicas: replicaNodes,
  }))
  return {
    ...summary(topic),
    partitions: partitions.toSorted((a, b) => a.id - b.id),
    authorizedOperations: authorizedOperations ? operationsIn(topic.topicAuthorizedOperations) : [],
  }
}

/** All of them for null. A partition without a leader makes the whole answer an error to the client: not to us. */
async function readMetadata(broker: Connection, names: string[] | null, withOperations = false) {
  return (await partsOf(metadataV12.api.async(broker, names, false, withOperations))).topics
}

type MetadataTopic = Awaited<ReturnType<typeof readMetadata>>[number]

const summary = ({ name, isInternal, partitions }: MetadataTopic): Topic => ({
  name: name ?? '',
  isInternal,
  partitionsCount: partitions.length,
  replicationFactor: partitions[0]?.replicaNodes.length ?? 0,
})

/** Kafka's operations by their codes (org.apache.kafka.common.acl.AclOperation), those of a topic. */
const topicOperations = [
  [3, 'READ'],
  [4, 'WRITE'],
  [5, 'CREATE'],
  [6, 'DELETE'],
  [7, 'ALTER'],
  [8, 'DESCRIBE'],
  [10, 'DESCRIBE_CONFIGS'],
  [11, 'ALTER_CONFIGS'],
] as const

/** The broker answers with a bit for each operation. */
const operationsIn = (bits: number) =>
  topicOperations.filter(([code]) => (bits & (1 << code)) !== 0).map(([, name]) => name)

export interface NewTopic {
  name: string
  /** Undefined for the broker's default. */
  partitions: number | undefined
  replicationFactor: number | undefined
  configs: readonly { name: string; value: string }[]
}

export interface CreatedTopic extends Topic {
  /** Empty where the principal may not know them. */
  configs: Config[]
}

/**
 * The topic as it was made, or with `validateOnly` as it would be: nothing is made then. Its counts are
 * those that were asked for, or 0, where the principal may not know them.
 */
export async function createTopic(
  connection: KafkaConnection,
  { name, partitions, replicationFactor, configs }: NewTopic,
  { validateOnly }: { validateOnly: boolean },
): Promise<CreatedTopic> {
  const request = {
    name,
    numPartitions: partitions ?? -1,
    replicationFactor: replicationFactor ?? -1,
    assignments: [],
    configs: [...configs],
  }
  const { topics } = await tellBroker(connection, (broker) =>
    createTopicsV7.api.async(broker, [request], controllerTimeoutMs, validateOnly),
  )
  const created = topics[0]
  return {
    name,
    isInternal: false,
    partitionsCount: Math.max(created?.numPartitions ?? 0, partitions ?? 0),
    replicationFactor: Math.max(created?.replicationFactor ?? 0, replicationFactor ?? 0),
    configs: (created?.configs ?? []).map((config) => asConfig({ ...config, synonyms: [] })),
  }
}

export async function deleteTopic(connection: KafkaConnection, name: string): Promise<void> {
  await tellBroker(connection, (broker) => deleteTopicsV6.api.async(broker, [{ name }], controllerTimeoutMs))
}

/** Gives a topic this many partitions altogether: more than it has. */
export async function createPartitions(connection: KafkaConnection, name: string, count: number): Promise<void> {
  await tellBroker(connection, (broker) =>
    createPartitionsV3.api.async(broker, [{ name, count, assignments: null }], controllerTimeoutMs, false),
  )
}

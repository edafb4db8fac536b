import { fetchV15, FetchIsolationLevels, metadataV12, type Connection, type RecordsBatch } from '@platformatic/kafka'
import { keyUsageTopic } from './brokerConfiguration.ts'
import { anyBroker, readWithAdmin, type KafkaConnection } from './connection.ts'
import { hasKafkaError, partsOf } from './kafkaErrors.ts'

/** What brokers have written down of the use of keys. */
export interface KeyUsage {
  /** By the key's id, in milliseconds since 1970. */
  lastUsedMs: ReadonlyMap<string, number>
  /** Where the next reading begins. */
  nextOffset: bigint
}

/** What was written from an offset on; nothing where the topic is not there yet, or has no leader at the moment. */
export function readKeyUsage(connection: KafkaConnection, fromOffset: bigint): Promise<KeyUsage> {
  return readWithAdmin(connection, async (admin) => {
    const broker = await anyBroker(admin, connection)
    const { brokers, topics } = await partsOf(metadataV12.api.async(broker, [keyUsageTopic], false, false))
    const [topic] = topics
    const leader = brokers.find(({ nodeId }) => nodeId === topic?.partitions[0]?.leaderId)
    if (topic === undefined || leader === undefined) return { lastUsedMs: new Map(), nextOffset: fromOffset }
    return readToEnd(await admin.connections.get(leader), topic.topicId, fromOffset)
  })
}

async function readToEnd(leader: Connection, topicId: string, fromOffset: bigint): Promise<KeyUsage> {
  const lastUsedMs = new Map<string, number>()
  let nextOffset = fromOffset
  try {
    for (let end = nextOffset + 1n; nextOffset < end;) {
      const partition = await fetchFrom(leader, topicId, nextOffset)
      const batches = partition.records ?? []
      const last = batches.at(-1)
      if (last === undefined) break
      for (const batch of batches) collect(batch, lastUsedMs)
      nextOffset = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n
      end = partition.highWatermark
    }
  } catch (error) {
    // Not the topic that it was: this one is read from its beginning.
    if (hasKafkaError(error, 'OFFSET_OUT_OF_RANGE')) return { lastUsedMs, nextOffset: 0n }
    if (!notTheLeader.some((refusal) => hasKafkaError(error, refusal))) throw error
  }
  return { lastUsedMs, nextOffset }
}

/** What a broker says of a partition that it does not lead yet, or no more. The next reading finds who does. */
const notTheLeader = ['UNKNOWN_TOPIC_ID', 'UNKNOWN_TOPIC_OR_PARTITION', 'NOT_LEADER_OR_FOLLOWER']

async function fetchFrom(leader: Connection, topicId: string, offset: bigint) {
  const partition = {
    partition: 0,
    currentLeaderEpoch: -1,
    fetchOffset: offset,
    lastFetchedEpoch: -1,
    partitionMaxBytes: fetchBytes,
  }
  const { responses } = await fetchV15.api.async(
    leader,
    0,
    0,
    fetchBytes,
    FetchIsolationLevels.READ_UNCOMMITTED,
    0,
    noSession,
    [{ topicId, partitions: [partition] }],
    [],
    '',
  )
  const [answer] = responses[0]?.partitions ?? []
  if (answer === undefined) throw new Error('the topic of key usage was not in the answer')
  return answer
}

const fetchBytes = 1024 * 1024
/** The epoch of a fetch that begins no session: the broker keeps nothing of it. */
const noSession = -1

function collect({ records }: RecordsBatch, lastUsedMs: Map<string, number>): void {
  for (const { key, value } of records) {
    const [id, text] = [key?.toString('utf8') ?? '', value?.toString('utf8') ?? '']
    if (/^\d{1,15}$/.test(text)) lastUsedMs.set(id, Math.max(Number(text), lastUsedMs.get(id) ?? 0))
  }
}

import { Consumer, FetchIsolationLevels, IS_CONTROL, type RecordsBatch } from '@platformatic/kafka'
import type { AccessContent, AccessKey } from './accessTopic.ts'
import { accessTopic } from './brokerConfiguration.ts'
import { clientOptions, type KafkaConnection } from './connection.ts'

/** What the access topic says of one key or binding: brokers count the highest revision, compaction keeps the last. */
export interface PublishedAccess {
  highest: PublishedValue
  last: PublishedValue
}

/** `content` is undefined for a record that can't be read; brokers leave it alone. */
export interface PublishedValue {
  revision: number
  content: AccessContent | undefined
}

/** The whole access topic, up to its last stable offset; aborted transactions are left out. */
export async function readAccess(connection: KafkaConnection): Promise<Map<AccessKey, PublishedAccess>> {
  // Partitions are read one by one, as the fetch requests say: the group is never joined.
  const consumer = new Consumer({ ...clientOptions(connection), groupId: 'tributary-control-plane', retries: 3 })
  const found = new Map<AccessKey, PublishedAccess>()
  try {
    const { topics } = await consumer.metadata({ topics: [accessTopic], forceUpdate: true })
    const topic = topics.get(accessTopic)
    const leader = topic?.partitions[0]?.leader
    if (topic === undefined || leader === undefined) throw new Error('the access topic has no leader')
    for (let offset = 0n, end = 1n; offset < end;) {
      const partition = await fetchFrom(consumer, { node: leader, topicId: topic.id, offset })
      end = partition.lastStableOffset
      const batches = partition.records ?? []
      const lastBatch = batches.at(-1)
      if (lastBatch === undefined && offset < end) throw new Error(`nothing came of the access topic at ${offset}`)
      for (const batch of committed(batches, partition.abortedTransactions ?? [])) collect(batch, found)
      if (lastBatch !== undefined) offset = lastBatch.firstOffset + BigInt(lastBatch.lastOffsetDelta) + 1n
    }
  } finally {
    await consumer.close(true)
  }
  return found
}

type Partition = Awaited<ReturnType<Consumer['fetch']>>['responses'][number]['partitions'][number]

async function fetchFrom(
  consumer: Consumer,
  { node, topicId, offset }: { node: number; topicId: string; offset: bigint },
): Promise<Partition> {
  const partition = {
    partition: 0,
    currentLeaderEpoch: -1,
    fetchOffset: offset,
    lastFetchedEpoch: -1,
    partitionMaxBytes: fetchBytes,
  }
  const { responses } = await consumer.fetch({
    node,
    topics: [{ topicId, partitions: [partition] }],
    maxWaitTime: 100,
    minBytes: 1,
    maxBytes: fetchBytes,
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
  })
  const [answer] = responses[0]?.partitions ?? []
  if (answer === undefined) throw new Error('the access topic was not in the answer')
  return answer
}

const fetchBytes = 4 * 1024 * 1024

/**
 * Leaves out markers and the batches of aborted transactions. A transaction is aborted from the offset at which the
 * broker says it began to the abort marker of its producer.
 */
function* committed(
  batches: readonly RecordsBatch[],
  abortedTransactions: readonly { producerId: bigint; firstOffset: bigint }[],
): Generator<RecordsBatch> {
  const toCome = [...abortedTransactions].toSorted((a, b) => Number(a.firstOffset - b.firstOffset))
  const aborted = new Set<bigint>()
  for (const batch of batches) {
    const end = batch.firstOffset + BigInt(batch.lastOffsetDelta)
    while (toCome[0] !== undefined && toCome[0].firstOffset <= end) aborted.add(toCome.shift()?.producerId ?? -1n)
    const isMarker = (batch.attributes & IS_CONTROL) !== 0
    if (isMarker && batch.records[0]?.key?.readInt16BE(2) === abortMarker) aborted.delete(batch.producerId)
    if (!isMarker && !aborted.has(batch.producerId)) yield batch
  }
}

const abortMarker = 0

function collect({ records }: RecordsBatch, found: Map<AccessKey, PublishedAccess>): void {
  for (const { key: bytes, value } of records) {
    const key = bytes?.toString('utf8') ?? ''
    if (value === null || !isAccessKey(key)) continue
    const last = parse(value.toString('utf8'))
    const before = found.get(key)?.highest
    found.set(key, { last, highest: before === undefined || last.revision >= before.revision ? last : before })
  }
}

const isAccessKey = (key: string): key is AccessKey => /^(key|binding)\//.test(key)

/** What no broker can read has the revision -1: anything takes its place. */
function parse(text: string): PublishedValue {
  try {
    const { revision, ...content } = JSON.parse(text) as { revision: number } & AccessContent
    return Number.isSafeInteger(revision) ? { revision, content } : { revision: -1, content: undefined }
  } catch {
    return { revision: -1, content: undefined }
  }
}

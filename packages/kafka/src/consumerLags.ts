import {
  FetchIsolationLevels,
  listOffsetsV9,
  ListOffsetTimestamps,
  offsetFetchV9,
  type Admin,
} from '@platformatic/kafka'
import type { KafkaConnection } from './connection.ts'
import { askCoordinator, findGroup, type Consumer } from './consumerGroups.ts'

export interface ConsumerLag {
  topic: string
  partition: number
  currentOffset: number
  /** Where the next record goes, as Kafka's own tools count: records of open transactions included. */
  logEndOffset: number
  lag: number
  /** The member that the partition is assigned to. */
  consumer: Consumer | undefined
}

interface Partition {
  topic: string
  partition: number
}

/**
 * How far a group is behind, for the partitions that it has committed offsets of; or for one. Undefined
 * where there is no such group. Whatever the number of partitions: one request to the coordinator for the
 * offsets, and one to each leader for the ends of its logs.
 */
export function listConsumerLags(
  connection: KafkaConnection,
  groupId: string,
  only?: Partition,
): Promise<ConsumerLag[] | undefined> {
  return askCoordinator(connection, groupId, async (coordinator, admin) => {
    const topics = only === undefined ? null : [{ name: only.topic, partitionIndexes: [only.partition] }]
    const [group, fetched] = await Promise.all([
      findGroup(coordinator, groupId),
      offsetFetchV9.api.async(coordinator.broker, [{ groupId, memberId: null, memberEpoch: -1, topics }], false),
    ])
    if (group === undefined) return undefined
    const committed = fetched.groups.flatMap(({ topics }) =>
      topics.flatMap(({ name, partitions }) =>
        partitions
          .filter(({ committedOffset }) => committedOffset >= 0n)
          .map(({ partitionIndex, committedOffset }) => ({
            topic: name,
            partition: partitionIndex,
            currentOffset: Number(committedOffset),
          })),
      ),
    )
    committed.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
    const ends = await logEndOffsets(admin, committed)
    const owners = new Map(
      group.consumers.flatMap((consumer) => consumer.assignments.map((partition) => [keyOf(partition), consumer])),
    )
    return committed.map((partition) => {
      // A log that was truncated ends before what was committed.
      const logEndOffset = ends.get(keyOf(partition)) ?? partition.currentOffset
      return {
        ...partition,
        logEndOffset,
        lag: Math.max(0, logEndOffset - partition.currentOffset),
        consumer: owners.get(keyOf(partition)),
      }
    })
  })
}

const keyOf = ({ topic, partition }: Partition) => `${partition}/${topic}`

async function logEndOffsets(admin: Admin, partitions: readonly Partition[]): Promise<Map<string, number>> {
  if (partitions.length === 0) return new Map()
  const names = [...new Set(partitions.map(({ topic }) => topic))]
  const { brokers, topics } = await admin.metadata({ topics: names, forceUpdate: true })
  const leaderOf = ({ topic, partition }: Partition) => topics.get(topic)?.partitions[partition]?.leader ?? noLeader
  const answers = await Promise.all(
    [...Map.groupBy(partitions, leaderOf)].map(async ([leader, led]) => {
      const address = brokers.get(leader)
      if (address === undefined) throw new Error('a partition has no leader at the moment')
      const asked = [...Map.groupBy(led, ({ topic }) => topic)].map(([name, ofTopic]) => ({
        name,
        partitions: ofTopic.map(({ partition }) => ({
          partitionIndex: partition,
          currentLeaderEpoch: anyEpoch,
          timestamp: ListOffsetTimestamps.LATEST,
        })),
      }))
      const broker = await admin.connections.get(address)
      return listOffsetsV9.api.async(broker, asConsumer, FetchIsolationLevels.READ_UNCOMMITTED, asked)
    }),
  )
  return new Map(
    answers.flatMap((answer) =>
      answer.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, offset }) => [
          keyOf({ topic: name, partition: partitionIndex }),
          Number(offset),
        ]),
      ),
    ),
  )
}

const noLeader = -1
const anyEpoch = -1
/** The id of a replica that asks; anyone else is this. */
const asConsumer = -1

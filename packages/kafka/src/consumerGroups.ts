import { setTimeout as delay } from 'node:timers/promises'
import {
  decodeConsumerProtocolAssignment,
  describeGroupsV5,
  FindCoordinatorKeyTypes,
  listGroupsV5,
  type Admin,
  type Connection,
} from '@platformatic/kafka'
import { readWithAdmin, type KafkaConnection } from './connection.ts'
import { consumerGroupDescribeV1, type DescribedConsumerGroup } from './consumerGroupDescribe.ts'
import { hasKafkaError } from './kafkaErrors.ts'

export interface ConsumerGroup {
  id: string
  state: string
  /** Of the protocol that its members speak: the first one, or KIP-848's. */
  type: 'CLASSIC' | 'CONSUMER'
  /** Used for its offsets only: nobody joins it. */
  isSimple: boolean
  /** Members of both protocols at once, as while a group is upgraded. */
  isMixed: boolean
  /** Empty while the group has none. */
  assignor: string
  /** The id of the broker that leads it. */
  coordinator: number
  consumers: Consumer[]
}

export interface Consumer {
  id: string
  instanceId: string | null
  clientId: string
  assignments: { topic: string; partition: number }[]
}

/**
 * The consumer groups that the connected principal may describe, by name: one request for the names to
 * each broker, and one for each of the two types that it has any of.
 */
export function listConsumerGroups(connection: KafkaConnection): Promise<ConsumerGroup[]> {
  return readWithAdmin(connection, async (admin) => {
    const { brokers } = await admin.metadata({ topics: [], forceUpdate: true })
    const groups = await Promise.all(
      [...brokers].map(async ([id, address]) => {
        const broker = await admin.connections.get(address)
        const { groups } = await listGroupsV5.api.async(broker, [], ['classic', 'consumer'])
        const idsOf = (type: string, protocols: readonly string[]) =>
          groups
            .filter(({ groupType, protocolType }) => groupType === type && protocols.includes(protocolType))
            .map(({ groupId }) => groupId)
        return describe({ broker, id }, idsOf('classic', ['consumer', '']), idsOf('consumer', ['consumer', '']))
      }),
    )
    return groups.flat().toSorted((a, b) => (a.id < b.id ? -1 : 1))
  })
}

/** Undefined when there is none of that name. */
export function describeConsumerGroup(connection: KafkaConnection, id: string): Promise<ConsumerGroup | undefined> {
  return askCoordinator(connection, id, (coordinator) => findGroup(coordinator, id))
}

export interface Coordinator {
  broker: Connection
  id: number
}

/**
 * Asks whoever coordinates a group. The first question about any makes the brokers create the topic that groups are
 * kept in, and one that has just become coordinator reads it first: for that long they have no answer, and soon one.
 */
export function askCoordinator<Result>(
  connection: KafkaConnection,
  groupId: string,
  ask: (coordinator: Coordinator, admin: Admin) => Promise<Result>,
): Promise<Result> {
  return readWithAdmin(connection, async (admin) => {
    const deadline = Date.now() + coordinatorsStartMs
    for (;;) {
      try {
        return await ask(await coordinatorOf(admin, groupId), admin)
      } catch (error) {
        if (!startingErrors.some((apiId) => hasKafkaError(error, apiId)) || Date.now() > deadline) throw error
        await delay(askAgainEveryMs)
      }
    }
  })
}

const startingErrors = ['COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR']
const coordinatorsStartMs = 10_000
const askAgainEveryMs = 50

async function coordinatorOf(admin: Admin, groupId: string): Promise<Coordinator> {
  const [found] = await admin.findCoordinator({ keyType: FindCoordinatorKeyTypes.GROUP, keys: [groupId] })
  if (found === undefined) throw new Error('a broker named no coordinator')
  return { broker: await admin.connections.get(found), id: found.nodeId }
}

/** What type a group is of is its coordinator's to know: it is asked about both. */
export async function findGroup(coordinator: Coordinator, id: string): Promise<ConsumerGroup | undefined> {
  return (await describe(coordinator, [id], [id]))[0]
}

async function describe(
  { broker, id: coordinator }: Coordinator,
  classic: string[],
  consumer: string[],
): Promise<ConsumerGroup[]> {
  const [described, describedConsumer] = await Promise.all([
    classic.length === 0 ? [] : describeGroupsV5.api.async(broker, classic, false).then(({ groups }) => groups),
    consumer.length === 0 ? [] : consumerGroupDescribeV1(broker, consumer),
  ])
  return [
    // A group that is unknown, or of another type, is described as dead.
    ...described.filter(isOfConsumers).map((group) => classicGroup(group, coordinator)),
    ...describedConsumer.map((group) => consumerGroup(group, coordinator)),
  ]
}

const isOfConsumers = ({ groupState, protocolType }: describeGroupsV5.DescribeGroupsResponseGroup) =>
  groupState !== 'Dead' && ['consumer', ''].includes(protocolType)

const classicGroup = (group: describeGroupsV5.DescribeGroupsResponseGroup, coordinator: number): ConsumerGroup => ({
  id: group.groupId,
  state: stateName(group.groupState),
  type: 'CLASSIC',
  isSimple: group.protocolType === '',
  isMixed: false,
  assignor: group.protocolData,
  coordinator,
  consumers: group.members.map((member) => ({
    id: member.memberId,
    instanceId: member.groupInstanceId ?? null,
    clientId: member.clientId,
    assignments: flattened(decodeConsumerProtocolAssignment(member.memberAssignment).assignedPartitions),
  })),
})

const consumerGroup = (group: DescribedConsumerGroup, coordinator: number): ConsumerGroup => ({
  id: group.id,
  state: stateName(group.state),
  type: 'CONSUMER',
  isSimple: false,
  isMixed: new Set(group.members.map(({ isClassic }) => isClassic)).size > 1,
  assignor: group.assignor,
  coordinator,
  consumers: group.members.map(({ id, instanceId, clientId, assignments }) => ({
    id,
    instanceId,
    clientId,
    assignments: flattened(assignments),
  })),
})

const flattened = (assignments: readonly { topic: string; partitions: number[] }[]) =>
  assignments.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))

/** `PreparingRebalance` is PREPARING_REBALANCE to Kafka REST. */
const stateName = (state: string) => state.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()

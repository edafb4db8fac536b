import type { Sent } from './calls.ts'
import type { Ids } from './ids.ts'

/** What the call needs in the brokers: see `kafkaRule.ts`. Everyone may ask what cluster it is. */
export type Need =
  | 'anyKey'
  | 'describe'
  | 'describeConfigs'
  | 'write'
  | 'manage'
  | 'describeGroup'
  | 'describeCluster'
  | 'administer'

/** Groups are named as topics are, so that the same pattern matches both. */
export type KafkaIds = Pick<Ids, 'clusterId' | 'topicName'>

export interface KafkaCall {
  operation: string
  needs: Need
  send: (ids: KafkaIds, count: number) => Sent
  /** What the topic is for, where it doesn't stay as it is. */
  topic?: 'new' | 'spent'
  /** Nothing is there to be read: who may read it is told so. */
  isThere?: false
  /** A list: always 200, with the topic or group in it or not. */
  lists?: true
}

const cluster = ({ clusterId }: KafkaIds) => ({ params: { cluster_id: clusterId } })
const topic = (ids: KafkaIds) => ({ params: { ...cluster(ids).params, topic_name: ids.topicName } })
const group = (ids: KafkaIds) => ({ params: { ...cluster(ids).params, consumer_group_id: ids.topicName } })
const named = (sent: (ids: KafkaIds) => Required<Pick<Sent, 'params'>>, name: string) => (ids: KafkaIds) => ({
  params: { ...sent(ids).params, name },
})
const retention = named(topic, 'retention.ms')
const brokerConfig = named(cluster, 'log.retention.ms')
const consumer = (ids: KafkaIds) => ({ params: { ...group(ids).params, consumer_id: 'member' } })
const partition = { partition_id: '0' }
const lag = (ids: KafkaIds) => ({ params: { ...group(ids).params, topic_name: ids.topicName, ...partition } })
const assignment = (ids: KafkaIds) => ({ params: { ...consumer(ids).params, topic_name: ids.topicName, ...partition } })

const acl = (ids: KafkaIds) => ({
  resource_type: 'TOPIC',
  resource_name: ids.topicName,
  pattern_type: 'LITERAL',
  principal: 'User:sa-0000000',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
})
const alteration = (name: string, value: string) => ({ data: [{ name, value }] })

const call = (operation: string, needs: Need, send: KafkaCall['send'], more: Partial<KafkaCall> = {}): KafkaCall => ({
  operation,
  needs,
  send,
  ...more,
})

/** Every operation that brokers decide on: one that is not here fails the matrix. */
export const kafkaCalls: readonly KafkaCall[] = [
  call('listKafkaClusters', 'anyKey', () => ({})),
  call('getKafkaCluster', 'anyKey', cluster),

  call('listKafkaTopics', 'describe', cluster, { lists: true }),
  call('createKafkaTopic', 'manage', (ids) => ({ ...cluster(ids), body: { topic_name: ids.topicName } }), {
    topic: 'new',
  }),
  call('getKafkaTopic', 'describe', topic),
  call('updatePartitionCountKafkaTopic', 'manage', (ids, count) => ({
    ...topic(ids),
    body: { partitions_count: count },
  })),
  call('deleteKafkaTopic', 'manage', topic, { topic: 'spent' }),
  call('listKafkaPartitions', 'describe', topic),
  call('getKafkaPartition', 'describe', (ids) => ({ params: { ...topic(ids).params, ...partition } })),
  call('produceRecord', 'write', (ids) => ({ ...topic(ids), body: { value: { data: 'a record' } } })),

  call('listKafkaTopicConfigs', 'describeConfigs', topic),
  call('listKafkaAllTopicConfigs', 'describeConfigs', cluster, { lists: true }),
  call('listKafkaDefaultTopicConfigs', 'describeConfigs', topic),
  call('getKafkaTopicConfig', 'describeConfigs', retention),
  call('updateKafkaTopicConfig', 'manage', (ids) => ({ ...retention(ids), body: { value: '3600000' } })),
  call('updateKafkaTopicConfigBatch', 'manage', (ids) => ({
    ...topic(ids),
    body: alteration('retention.ms', '3600000'),
  })),
  call('deleteKafkaTopicConfig', 'manage', retention),

  call('listKafkaClusterConfigs', 'describeCluster', cluster),
  call('getKafkaClusterConfig', 'describeCluster', brokerConfig),
  call('updateKafkaClusterConfig', 'administer', (ids) => ({ ...brokerConfig(ids), body: { value: '3600000' } })),
  call('updateKafkaClusterConfigs', 'administer', (ids) => ({
    ...cluster(ids),
    body: alteration('log.retention.ms', '3600000'),
  })),
  call('deleteKafkaClusterConfig', 'administer', brokerConfig),

  call('getKafkaAcls', 'describeCluster', cluster),
  call('createKafkaAcls', 'administer', (ids) => ({ ...cluster(ids), body: acl(ids) })),
  call('batchCreateKafkaAcls', 'administer', (ids) => ({ ...cluster(ids), body: { data: [acl(ids)] } })),
  call('deleteKafkaAcls', 'administer', (ids) => ({ ...cluster(ids), query: acl(ids) })),

  call('listKafkaConsumerGroups', 'describeGroup', cluster, { lists: true }),
  call('getKafkaConsumerGroup', 'describeGroup', group),
  call('listKafkaConsumers', 'describeGroup', group),
  call('getKafkaConsumer', 'describeGroup', consumer, { isThere: false }),
  call('listKafkaConsumerAssignments', 'describeGroup', consumer, { isThere: false }),
  call('getKafkaConsumerAssignment', 'describeGroup', assignment, { isThere: false }),
  call('getKafkaConsumerGroupLagSummary', 'describeGroup', group),
  call('listKafkaConsumerLags', 'describeGroup', group),
  call('getKafkaConsumerLag', 'describeGroup', lag),
]

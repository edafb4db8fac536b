import { setTimeout as delay } from 'node:timers/promises'
import { CreateTopic, Topic as TopicReply } from '@tributary/contract/kafkaRest/topics'
import type { KafkaConnection } from '@tributary/kafka/connection'
import { createTopic as create, describeTopic, type Topic } from '@tributary/kafka/topics'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderTopic } from './renderTopic.ts'

export const createTopic = operation({
  id: 'createKafkaTopic',
  summary: 'Create a topic',
  method: 'POST',
  path: '/kafka/v3/clusters/{cluster_id}/topics',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  body: CreateTopic,
  reply: { status: 201, body: TopicReply },
  target: clusterClient,
  handle: async ({ body, target: { cluster, connection } }, { publicUrl }) => {
    const name = body.topic_name
    const created = await create(connection, {
      name,
      partitions: body.partitions_count,
      replicationFactor: body.replication_factor,
      configs: body.configs.flatMap(({ name: config, value }) => (value == null ? [] : [{ name: config, value }])),
    }).catch(asKafkaRestError)
    return renderTopic(publicUrl, cluster.id, (await whenSeen(connection, name)) ?? created)
  },
})

/**
 * The controller has made the topic; a broker that is asked next may learn of it a moment later.
 * Undefined where the key may create but not describe, and when the brokers take too long: made it is.
 */
async function whenSeen(connection: KafkaConnection, name: string): Promise<Topic | undefined> {
  for (const deadline = performance.now() + longestWaitMs; performance.now() < deadline; await delay(50)) {
    const answer = await describeTopic(connection, name).catch(() => 'hidden' as const)
    if (answer !== undefined) return answer === 'hidden' ? undefined : answer
  }
  return undefined
}

const longestWaitMs = 5000

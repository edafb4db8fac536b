import { CreateTopic, Topic } from '@tributary/contract/kafkaRest/topics'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { createTopic as create, describeTopic } from '@tributary/kafka/topics'
import { waitUntil } from '@tributary/kit/waitUntil'
import { operation } from '../framework/operation.ts'
import { ClusterPath, clusterClient } from './clusterClient.ts'
import { asKafkaRestError } from './kafkaRestErrors.ts'
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
  reply: { status: 201, body: Topic },
  target: clusterClient,
  handle: async ({ body, target: { cluster, connection } }, { publicUrl }) => {
    const name = body.topic_name
    await create(connection, {
      name,
      partitions: body.partitions_count,
      replicationFactor: body.replication_factor,
      configs: body.configs.flatMap(({ name: config, value }) => (value == null ? [] : [{ name: config, value }])),
    }).catch(asKafkaRestError)
    // The controller has made it; the broker that is asked next may learn of it a moment later.
    const topic = await waitUntil(() => describeTopic(connection, name), {
      timeoutMs: 5000,
      what: `the topic ${name} to be seen by every broker`,
    }).catch(() => {
      throw kafkaRestErrors.noSuchTopic()
    })
    return renderTopic(publicUrl, cluster.id, topic)
  },
})

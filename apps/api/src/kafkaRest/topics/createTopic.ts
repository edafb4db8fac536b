import { CreateTopic, Topic } from '@tributary/contract/kafkaRest/topics'
import { createTopic as create } from '@tributary/control/topics/createTopic'
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
  reply: { status: 201, dryRun: { status: 200, when: ({ body }) => body.validate_only }, body: Topic },
  target: clusterClient,
  handle: async ({ body, caller, target }, { publicUrl }) => {
    const topic = {
      name: body.topic_name,
      partitions: body.partitions_count,
      replicationFactor: body.replication_factor,
      configs: body.configs.flatMap(({ name, value }) => (value == null ? [] : [{ name, value }])),
    }
    const created = await create(caller, target, topic, { validateOnly: body.validate_only }).catch(asKafkaRestError)
    return renderTopic(publicUrl, target.cluster.id, created)
  },
})

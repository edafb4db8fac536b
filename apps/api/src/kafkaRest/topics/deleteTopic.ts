import { deleteTopic as remove } from '@tributary/control/topics/deleteTopic'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { TopicPath } from './topicPath.ts'

export const deleteTopic = operation({
  id: 'deleteKafkaTopic',
  summary: 'Delete a topic and its records',
  method: 'DELETE',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicPath,
  reply: { status: 204 },
  target: clusterClient,
  handle: async ({ params, caller, target }) => {
    await remove(caller, target, params.topic_name).catch(asKafkaRestError)
  },
})

import { AlterConfigs } from '@tributary/contract/kafkaRest/configs'
import { updateTopicConfigs } from '@tributary/control/topics/updateTopicConfigs'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { TopicPath } from '../topics/topicPath.ts'

export const alterTopicConfigs = operation({
  id: 'updateKafkaTopicConfigBatch',
  summary: 'Set configs of a topic, or give them their defaults again: all of them or none',
  method: 'POST',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}/configs:alter',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicPath,
  body: AlterConfigs,
  reply: { status: 204 },
  target: clusterClient,
  handle: async ({ params, body, target }) => {
    const changes = body.data.map(({ name, value, operation: what }) => ({
      name,
      value: what === 'DELETE' ? undefined : (value ?? undefined),
    }))
    const options = { validateOnly: body.validate_only, unknown: kafkaRestErrors.unknownConfig }
    await updateTopicConfigs(target, params.topic_name, changes, options).catch(asKafkaRestError)
  },
})

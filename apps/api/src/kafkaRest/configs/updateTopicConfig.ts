import { UpdateConfig } from '@tributary/contract/kafkaRest/configs'
import { updateTopicConfigs } from '@tributary/control/topics/updateTopicConfigs'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { operation } from '../../framework/operation.ts'
import { clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { TopicConfigPath } from './configPath.ts'

export const updateTopicConfig = operation({
  id: 'updateKafkaTopicConfig',
  summary: 'Set a config of a topic',
  method: 'PUT',
  path: '/kafka/v3/clusters/{cluster_id}/topics/{topic_name}/configs/{name}',
  envelope: 'kafkaRest',
  access: 'broker',
  params: TopicConfigPath,
  body: UpdateConfig,
  reply: { status: 204 },
  target: clusterClient,
  handle: async ({ params: { topic_name, name }, body: { value }, target }) => {
    const options = { validateOnly: false, unknown: kafkaRestErrors.noSuchConfig }
    await updateTopicConfigs(target, topic_name, [{ name, value }], options).catch(asKafkaRestError)
  },
})

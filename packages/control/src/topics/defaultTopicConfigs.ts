import { describeTopicConfigs, type Config } from '@tributary/kafka/configs'
import { hasKafkaError } from '@tributary/kafka/kafkaErrors'
import { createTopic } from '@tributary/kafka/topics'
import type { ClusterClient } from './clientConnection.ts'

/** What a topic of this name would have if it were made now, whether there is one or not. */
export async function defaultTopicConfigs({ connection }: ClusterClient, name: string): Promise<Config[]> {
  try {
    return (await describeTopicConfigs(connection, name)).map(withoutItsOwn)
  } catch (error) {
    if (!hasKafkaError(error, 'UNKNOWN_TOPIC_OR_PARTITION')) throw error
    const plain = { name, partitions: undefined, replicationFactor: undefined, configs: [] }
    return (await createTopic(connection, plain, { validateOnly: true })).configs
  }
}

/** As if nothing had been set for the topic itself. */
function withoutItsOwn(config: Config): Config {
  const synonyms = config.synonyms.filter(({ source }) => source !== 'DYNAMIC_TOPIC_CONFIG')
  const [first] = synonyms
  return { ...config, synonyms, value: first?.value ?? null, source: first?.source ?? 'UNKNOWN' }
}

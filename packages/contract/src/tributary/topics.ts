import { z } from 'zod'
import { listOf, Reference } from '../cloud/objects.ts'
import { PageQuery } from '../cloud/paging.ts'
import { EnvironmentIdText, KafkaClusterIdText, line } from '../text.ts'

/** The topics of all clusters: an addition of ours, `tributary/v1`. */

export const SearchTopics = PageQuery.extend({
  search: line(249).exactOptional().describe('What is in the name, in capitals or not.'),
  kafka_cluster: KafkaClusterIdText.exactOptional(),
  environment: EnvironmentIdText.exactOptional(),
})

const FoundTopic = z
  .object({
    topic_name: z.string(),
    partitions_count: z.int(),
    replication_factor: z.int(),
    kafka_cluster: Reference.extend({ environment: z.string() }),
    environment: Reference,
  })
  .meta({ id: 'FoundTopic' })

export const FoundTopicList = listOf('tributary/v1', 'TopicList', FoundTopic)

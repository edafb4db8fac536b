import { FoundTopicList, SearchTopics } from '@tributary/contract/tributary/topics'
import { searchTopics as search } from '@tributary/control/topicCatalogue/searchTopics'
import { renderList } from '../../cloud/renderList.ts'
import { operation } from '../../framework/operation.ts'
import { renderFoundTopic } from './renderFoundTopic.ts'

const path = '/tributary/v1/topics'

export const searchTopics = operation({
  id: 'searchTributaryV1Topics',
  summary: 'Search the topics of all Kafka clusters, as they were half a minute ago or later',
  method: 'GET',
  path,
  access: { visible: 'topic:describe' },
  query: SearchTopics,
  reply: { status: 200, body: FoundTopicList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) => {
    const filter = {
      search: query.search,
      clusterId: query.kafka_cluster,
      environmentId: query.environment,
      visible,
    }
    const found = await search(caller, page, filter)
    const kind = { api_version: 'tributary/v1', kind: 'TopicList' } as const
    return renderList({ publicUrl, path, query, page }, kind, found, renderFoundTopic)
  },
})

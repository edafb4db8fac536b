import { TopicName } from '@tributary/contract/kafkaRest/topics'
import { ClusterPath } from '../clusterClient.ts'

export const TopicPath = ClusterPath.extend({ topic_name: TopicName })

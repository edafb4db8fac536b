import { createTopic } from './topics/createTopic.ts'
import { getCluster } from './clusters/getCluster.ts'
import { getTopic } from './topics/getTopic.ts'
import { listClusters } from './clusters/listClusters.ts'
import { listTopics } from './topics/listTopics.ts'

export const kafkaRest = [listClusters, getCluster, listTopics, createTopic, getTopic]

import { createTopic } from './createTopic.ts'
import { getCluster } from './getCluster.ts'
import { getTopic } from './getTopic.ts'
import { listClusters } from './listClusters.ts'
import { listTopics } from './listTopics.ts'

export const kafkaRest = [listClusters, getCluster, listTopics, createTopic, getTopic]

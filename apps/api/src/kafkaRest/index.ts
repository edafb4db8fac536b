import { acls } from './acls/index.ts'
import { getCluster } from './clusters/getCluster.ts'
import { listClusters } from './clusters/listClusters.ts'
import { alterClusterConfigs } from './configs/alterClusterConfigs.ts'
import { alterTopicConfigs } from './configs/alterTopicConfigs.ts'
import { deleteClusterConfig } from './configs/deleteClusterConfig.ts'
import { deleteTopicConfig } from './configs/deleteTopicConfig.ts'
import { getClusterConfig } from './configs/getClusterConfig.ts'
import { getTopicConfig } from './configs/getTopicConfig.ts'
import { listAllTopicConfigs } from './configs/listAllTopicConfigs.ts'
import { listClusterConfigs } from './configs/listClusterConfigs.ts'
import { listDefaultTopicConfigs } from './configs/listDefaultTopicConfigs.ts'
import { listTopicConfigs } from './configs/listTopicConfigs.ts'
import { updateClusterConfig } from './configs/updateClusterConfig.ts'
import { updateTopicConfig } from './configs/updateTopicConfig.ts'
import { consumerGroups } from './consumerGroups/index.ts'
import { getPartition } from './partitions/getPartition.ts'
import { listPartitions } from './partitions/listPartitions.ts'
import { records } from './records/index.ts'
import { createTopic } from './topics/createTopic.ts'
import { deleteTopic } from './topics/deleteTopic.ts'
import { getTopic } from './topics/getTopic.ts'
import { listTopics } from './topics/listTopics.ts'
import { updatePartitionCount } from './topics/updatePartitionCount.ts'

export const kafkaRest = [
  listClusters,
  getCluster,
  listTopics,
  createTopic,
  getTopic,
  updatePartitionCount,
  deleteTopic,
  listTopicConfigs,
  listAllTopicConfigs,
  listDefaultTopicConfigs,
  alterTopicConfigs,
  getTopicConfig,
  updateTopicConfig,
  deleteTopicConfig,
  listClusterConfigs,
  getClusterConfig,
  alterClusterConfigs,
  updateClusterConfig,
  deleteClusterConfig,
  listPartitions,
  getPartition,
  ...acls,
  ...consumerGroups,
  ...records,
]

import { KafkaClusterList } from '@tributary/contract/kafkaRest/clusters'
import { describeCluster } from '@tributary/kafka/describeCluster'
import { operation } from '../../framework/operation.ts'
import { ownClusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { renderList } from '../renderList.ts'
import { renderCluster } from './renderCluster.ts'

export const listClusters = operation({
  id: 'listKafkaClusters',
  summary: 'List the cluster that the key is for',
  method: 'GET',
  path: '/kafka/v3/clusters',
  envelope: 'kafkaRest',
  access: 'broker',
  reply: { status: 200, body: KafkaClusterList },
  target: ownClusterClient,
  handle: async ({ target: { cluster, connection } }, { publicUrl }) => {
    const { controllerId } = await describeCluster(connection).catch(asKafkaRestError)
    const data = [renderCluster(publicUrl, cluster.id, controllerId)]
    return renderList('KafkaClusterList', publicUrl, '/kafka/v3/clusters', data)
  },
})

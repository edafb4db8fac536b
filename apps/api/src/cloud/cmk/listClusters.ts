import { ClusterList, ListClusters } from '@tributary/contract/cloud/cmk'
import { listKafkaClusters } from '@tributary/control/kafkaClusters/listKafkaClusters'
import { operation } from '../../framework/operation.ts'
import { emptyList, renderList } from '../renderList.ts'
import { renderCluster } from './renderCluster.ts'

const path = '/cmk/v2/clusters'

export const listClusters = operation({
  id: 'listCmkV2Clusters',
  summary: 'List the Kafka clusters of an environment',
  method: 'GET',
  path,
  access: { visible: 'kafka-cluster:describe' },
  query: ListClusters,
  reply: { status: 200, body: ClusterList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) => {
    // There are no networks, so no cluster is in one.
    const none = (query['spec.network'] ?? []).length > 0
    const filter = { environmentId: query.environment, deletionProtection: query['spec.deletion_protection'], visible }
    const listed = none ? emptyList : await listKafkaClusters(caller, page, filter)
    return renderList(
      { publicUrl, path, query, page },
      { api_version: 'cmk/v2', kind: 'ClusterList' },
      listed,
      renderCluster,
    )
  },
})

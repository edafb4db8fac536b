import { AclFilter, AclList } from '@tributary/contract/kafkaRest/acls'
import { listAcls as list } from '@tributary/kafka/acls'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { filterOf, renderAcl } from './renderAcl.ts'

export const listAcls = operation({
  id: 'getKafkaAcls',
  summary: 'List the ACLs that match a filter',
  method: 'GET',
  path: '/kafka/v3/clusters/{cluster_id}/acls',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  query: AclFilter,
  reply: { status: 200, body: AclList },
  target: clusterClient,
  handle: async ({ query, target: { cluster, connection } }, { publicUrl }) => {
    const acls = await list(connection, filterOf(query)).catch(asKafkaRestError)
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
    return {
      kind: 'KafkaAclList' as const,
      metadata: {
        self: `${publicUrl}/kafka/v3/clusters/${cluster.id}/acls?${new URLSearchParams(given).toString()}`,
        next: null,
      },
      data: acls.map((acl) => renderAcl(publicUrl, cluster.id, acl)),
    }
  },
})

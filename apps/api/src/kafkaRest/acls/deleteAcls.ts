import { DeleteAcls, DeletedAcls } from '@tributary/contract/kafkaRest/acls'
import { deleteAcls as remove } from '@tributary/kafka/acls'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { filterOf, renderAcl } from './renderAcl.ts'

export const deleteAcls = operation({
  id: 'deleteKafkaAcls',
  summary: 'Delete the ACLs that match a filter',
  method: 'DELETE',
  path: '/kafka/v3/clusters/{cluster_id}/acls',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  query: DeleteAcls,
  reply: { status: 200, body: DeletedAcls },
  target: clusterClient,
  handle: async ({ query, target: { cluster, connection } }, { publicUrl }) => {
    const deleted = await remove(connection, filterOf(query)).catch(asKafkaRestError)
    return { data: deleted.map((acl) => renderAcl(publicUrl, cluster.id, acl)) }
  },
})

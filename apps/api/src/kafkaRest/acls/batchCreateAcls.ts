import { CreateAcls } from '@tributary/contract/kafkaRest/acls'
import { createAcls } from '@tributary/kafka/acls'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { newAcl } from './newAcl.ts'

export const batchCreateAcls = operation({
  id: 'batchCreateKafkaAcls',
  summary: 'Create several ACLs',
  method: 'POST',
  path: '/kafka/v3/clusters/{cluster_id}/acls:batch',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  body: CreateAcls,
  reply: { status: 201 },
  target: clusterClient,
  handle: ({ body, target: { connection } }) => createAcls(connection, body.data.map(newAcl)).catch(asKafkaRestError),
})

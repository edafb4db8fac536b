import { CreateAcl } from '@tributary/contract/kafkaRest/acls'
import { createAcls } from '@tributary/kafka/acls'
import { operation } from '../../framework/operation.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'
import { newAcl } from './newAcl.ts'

export const createAcl = operation({
  id: 'createKafkaAcls',
  summary: 'Create an ACL',
  method: 'POST',
  path: '/kafka/v3/clusters/{cluster_id}/acls',
  envelope: 'kafkaRest',
  access: 'broker',
  params: ClusterPath,
  body: CreateAcl,
  reply: { status: 201 },
  target: clusterClient,
  handle: ({ body, target: { connection } }) => createAcls(connection, [newAcl(body)]).catch(asKafkaRestError),
})

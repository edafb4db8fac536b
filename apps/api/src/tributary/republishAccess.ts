import { findKafkaCluster } from '@tributary/control/kafkaClusters/findKafkaCluster'
import { republishAccess as republish } from '@tributary/control/access/republishAccess'
import { ClusterParams, clusterSubject } from '../cloud/cmk/clusterTarget.ts'
import { operation } from '../framework/operation.ts'

export const republishAccess = operation({
  id: 'republishTributaryV1ClusterAccess',
  summary: 'Tell the brokers of a Kafka cluster all keys and role bindings again',
  method: 'POST',
  path: '/tributary/v1/clusters/{id}:republish-access',
  access: { permission: 'kafka-cluster:update' },
  params: ClusterParams,
  reply: { status: 202 },
  target: ({ params, caller }) => findKafkaCluster(caller, params.id),
  subject: clusterSubject,
  handle: ({ target, caller }) => republish(caller, target),
})

import type { KafkaCluster } from '@tributary/contract/kafkaRest/clusters'
import type { z } from 'zod'

export function renderCluster(publicUrl: string, id: string, controllerId: number): z.input<typeof KafkaCluster> {
  const self = `${publicUrl}/kafka/v3/clusters/${id}`
  const related = (path: string) => ({ related: `${self}/${path}` })
  return {
    kind: 'KafkaCluster',
    metadata: { self, resource_name: `crn:///kafka=${id}` },
    cluster_id: id,
    controller: related(`brokers/${controllerId}`),
    acls: related('acls'),
    brokers: related('brokers'),
    broker_configs: related('broker-configs'),
    consumer_groups: related('consumer-groups'),
    topics: related('topics'),
    partition_reassignments: related('topics/-/partitions/-/reassignment'),
  }
}

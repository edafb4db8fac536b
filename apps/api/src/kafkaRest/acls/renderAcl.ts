import type { Acl as AclReply, AclFilter as AclQuery } from '@tributary/contract/kafkaRest/acls'
import type { Acl, AclFilter } from '@tributary/kafka/acls'
import type { z } from 'zod'

export function renderAcl(publicUrl: string, clusterId: string, acl: Acl): z.input<typeof AclReply> {
  const fields = {
    resource_type: acl.resourceType,
    resource_name: acl.resourceName,
    pattern_type: acl.patternType,
    principal: acl.principal,
    host: acl.host,
    operation: acl.operation,
    permission: acl.permission,
  }
  return {
    kind: 'KafkaAcl',
    metadata: { self: `${publicUrl}/kafka/v3/clusters/${clusterId}/acls?${new URLSearchParams(fields).toString()}` },
    cluster_id: clusterId,
    ...fields,
  }
}

export const filterOf = (query: z.output<typeof AclQuery>): AclFilter => ({
  resourceType: query.resource_type,
  resourceName: query.resource_name,
  patternType: query.pattern_type,
  principal: query.principal,
  host: query.host,
  operation: query.operation,
  permission: query.permission,
})

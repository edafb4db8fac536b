import type { CreateAcl } from '@tributary/contract/kafkaRest/acls'
import type { Acl } from '@tributary/kafka/acls'
import type { z } from 'zod'

export const newAcl = (acl: z.output<typeof CreateAcl>): Acl => ({
  resourceType: acl.resource_type,
  resourceName: acl.resource_name,
  patternType: acl.pattern_type,
  principal: acl.principal,
  host: acl.host,
  operation: acl.operation,
  permission: acl.permission,
})

import { z } from 'zod'
import { line } from '../text.ts'

/** ACLs of Kafka REST v3. */

const resourceTypes = ['TOPIC', 'GROUP', 'CLUSTER', 'TRANSACTIONAL_ID', 'DELEGATION_TOKEN'] as const
const operations = [
  'ALL',
  'READ',
  'WRITE',
  'CREATE',
  'DELETE',
  'ALTER',
  'DESCRIBE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
] as const

type ResourceType = (typeof resourceTypes)[number]
type Operation = (typeof operations)[number]

/** What can be done with each, as Kafka's own tools have it (`AclEntry.supportedOperations`); ALL goes with any. */
const operationsOf: Record<ResourceType, readonly Operation[]> = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DESCRIBE', 'DELETE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DESCRIBE', 'DELETE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: ['CREATE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'ALTER', 'DESCRIBE'],
  TRANSACTIONAL_ID: ['DESCRIBE', 'WRITE'],
  DELEGATION_TOKEN: ['DESCRIBE'],
}

const oneOf = <Name extends string>(names: readonly Name[]) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` })

/** An ACL that can hold: what a broker would store without ever applying it is refused. */
export const CreateAcl = z
  .object({
    resource_type: oneOf(resourceTypes),
    resource_name: line(255).min(1, 'must not be empty; * is every name'),
    pattern_type: oneOf(['LITERAL', 'PREFIXED']),
    principal: line(255).regex(
      /^User:\S+$/,
      'must be User: and an id, such as User:sa-a1b2c3d, or User:* for everyone',
    ),
    host: line(255).regex(/^\S+$/, 'must be an address, or * for every host'),
    operation: oneOf(operations),
    permission: oneOf(['ALLOW', 'DENY']),
  })
  .check((checked) => {
    const { resource_type: type, resource_name: name, pattern_type: pattern, operation } = checked.value
    const refuse = (field: string, message: string) =>
      checked.issues.push({ code: 'custom', input: checked.value, path: [field], message })
    if (type === 'CLUSTER' && name !== clusterName) refuse('resource_name', `must be ${clusterName} for CLUSTER`)
    if (type === 'CLUSTER' && pattern !== 'LITERAL') refuse('pattern_type', 'must be LITERAL for CLUSTER')
    if (operation !== 'ALL' && !operationsOf[type].includes(operation)) {
      refuse('operation', `${type} knows no ${operation}, but ALL, ${operationsOf[type].join(', ')}`)
    }
  })
  .meta({ id: 'CreateAcl' })

/** The one cluster that ACLs can name: the one that they are in. */
const clusterName = 'kafka-cluster'

export const CreateAcls = z.object({ data: z.array(CreateAcl).min(1).max(1000) })

const ResourceType = oneOf(['ANY', ...resourceTypes])
const PatternType = oneOf(['ANY', 'MATCH', 'LITERAL', 'PREFIXED'])
const Operation = oneOf(['ANY', ...operations])
const Permission = oneOf(['ANY', 'ALLOW', 'DENY'])

/**
 * Principals are spelled `User:sa-a1b2c3d` here; clients also ask for `UserV2:sa-a1b2c3d`, and for
 * `UserV2:*`, which is everyone's ACLs in that spelling.
 */
const Principal = line(255)
  .regex(/^(?:User|UserV2):\S+$/, 'must be User: and an id, or UserV2:* for all principals')
  .transform((principal) => (principal === 'UserV2:*' ? undefined : principal.replace(/^UserV2:/, 'User:')))
  .optional()

export const AclFilter = z.object({
  resource_type: ResourceType.default('ANY'),
  resource_name: line(255).exactOptional(),
  pattern_type: PatternType.default('ANY'),
  principal: Principal,
  host: line(255).exactOptional(),
  operation: Operation.default('ANY'),
  permission: Permission.default('ANY'),
})

const notEmpty = 'must not be empty; leave it out for any'

/** Which ACLs to delete. What would match all there are is more likely a mistake than a wish. */
export const DeleteAcls = z
  .object({
    resource_type: ResourceType,
    resource_name: line(255).min(1, notEmpty).exactOptional(),
    pattern_type: PatternType,
    principal: Principal,
    host: line(255).min(1, notEmpty).exactOptional(),
    operation: Operation,
    permission: Permission,
  })
  .refine(
    ({ resource_type: type, resource_name: name, principal, host }) =>
      type !== 'ANY' || name !== undefined || principal !== undefined || host !== undefined,
    {
      path: ['resource_type'],
      message: 'this would match every ACL of the cluster; name a resource type, a resource, a principal or a host',
    },
  )

export const Acl = z
  .object({
    kind: z.literal('KafkaAcl'),
    metadata: z.object({ self: z.string() }),
    cluster_id: z.string(),
    resource_type: z.string(),
    resource_name: z.string(),
    pattern_type: z.string(),
    principal: z.string(),
    host: z.string(),
    operation: z.string(),
    permission: z.string(),
  })
  .meta({ id: 'KafkaAcl' })

export const DeletedAcls = z.object({ data: z.array(Acl) })

export const AclList = z.object({
  kind: z.literal('KafkaAclList'),
  metadata: z.object({ self: z.string(), next: z.null() }),
  data: z.array(Acl),
})

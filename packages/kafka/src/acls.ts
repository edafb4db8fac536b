import {
  AclOperations,
  AclPermissionTypes,
  describeAclsV3,
  ResourcePatternTypes,
  ResourceTypes,
  type Admin,
  type Connection,
} from '@platformatic/kafka'
import { waitUntil } from '@tributary/kit/waitUntil'
import { askBroker, withAdmin, type KafkaConnection } from './connection.ts'

export interface Acl {
  resourceType: keyof typeof ResourceTypes
  resourceName: string
  patternType: keyof typeof ResourcePatternTypes
  principal: string
  host: string
  operation: keyof typeof AclOperations
  permission: keyof typeof AclPermissionTypes
}

/** An absent name, principal or host is any. */
export type AclFilter = Omit<Acl, 'resourceName' | 'principal' | 'host'> &
  Partial<Record<'resourceName' | 'principal' | 'host', string | undefined>>

/** Returns when every broker that answers applies them. The principal must be allowed to alter the cluster. */
export function createAcls(connection: KafkaConnection, acls: readonly Acl[]): Promise<void> {
  return withAdmin(connection, async (admin) => {
    await admin.createAcls({ creations: acls.map((acl) => ({ ...coded(acl), ...namedBy(acl) })) })
    await onEveryBroker(admin, acls, (found) => found.length > 0)
  })
}

export function listAcls(connection: KafkaConnection, filter: AclFilter): Promise<Acl[]> {
  return askBroker(connection, async (broker) => decoded(await findAcls(broker, filter)))
}

const findAcls = async (broker: Connection, filter: AclFilter) =>
  (await describeAclsV3.api.async(broker, wireFilter(filter))).resources

/** What was deleted. Returns when no broker that answers applies it any more. */
export function deleteAcls(connection: KafkaConnection, filter: AclFilter): Promise<Acl[]> {
  return withAdmin(connection, async (admin) => {
    const deleted = await admin.deleteAcls({ filters: [wireFilter(filter)] })
    if (deleted.length > 0) await onEveryBroker(admin, [filter], (found) => found.length === 0)
    return deleted.map(({ resourceName, principal, host, ...codes }) => ({
      ...names(codes),
      resourceName,
      principal,
      host,
    }))
  })
}

type WireFilter = Parameters<Admin['describeAcls']>[0]['filter']
type Resources = Awaited<ReturnType<Admin['describeAcls']>>

/** The controller has changed them; each broker learns of it a moment later. One that takes too long is left behind. */
async function onEveryBroker(
  admin: Admin,
  filters: readonly AclFilter[],
  isSettled: (found: Resources) => boolean,
): Promise<void> {
  const { brokers } = await admin.metadata({ topics: [], forceUpdate: true })
  const deadline = performance.now() + longestWaitMs
  const settled = async (broker: { host: string; port: number }) => {
    const connection = await admin.connections.get(broker)
    for (const filter of filters) {
      await waitUntil(async () => isSettled(await findAcls(connection, filter)), {
        timeoutMs: deadline - performance.now(),
        everyMs: 10,
        what: 'the brokers to apply ACLs',
      })
    }
  }
  await Promise.allSettled([...brokers.values()].map(settled))
}

const longestWaitMs = 3000

interface Codes {
  resourceType: number
  resourcePatternType: number
  operation: number
  permissionType: number
}

const coded = ({ resourceType, patternType, operation, permission }: AclFilter) => ({
  resourceType: ResourceTypes[resourceType],
  resourcePatternType: ResourcePatternTypes[patternType],
  operation: AclOperations[operation],
  permissionType: AclPermissionTypes[permission],
})

const namedBy = ({ resourceName, principal, host }: Acl) => ({ resourceName, principal, host })

const wireFilter = (filter: AclFilter): WireFilter => ({
  ...coded(filter),
  resourceName: filter.resourceName ?? null,
  principal: filter.principal ?? null,
  host: filter.host ?? null,
})

const names = ({ resourceType, resourcePatternType, operation, permissionType }: Codes) => ({
  resourceType: nameOf(ResourceTypes, resourceType),
  patternType: nameOf(ResourcePatternTypes, resourcePatternType),
  operation: nameOf(AclOperations, operation),
  permission: nameOf(AclPermissionTypes, permissionType),
})

function nameOf<Name extends string>(codes: Record<Name, number>, code: number): Name {
  const [name] = Object.entries(codes).find(([, value]) => value === code) ?? ['UNKNOWN']
  return name as Name
}

const decoded = (resources: Resources): Acl[] =>
  resources.flatMap(({ acls, resourceName, ...resource }) =>
    acls.map(({ principal, host, ...acl }) => ({ ...names({ ...resource, ...acl }), resourceName, principal, host })),
  )

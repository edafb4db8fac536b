import { randomUUID } from 'node:crypto'
import { createPrisma, Database, type Prisma } from '@tributary/database/database'
import { crn } from '@tributary/domain/crn'
import { newId, type EnvironmentId, type KafkaClusterId } from '@tributary/domain/ids'
import { parseGrant } from '@tributary/domain/roles/parseGrant'
import { Keyring } from '@tributary/kit/seal'
import { waitUntil } from '@tributary/kit/waitUntil'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import sql, { type Sql } from 'sql-template-tag'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createApiKey } from '../apiKeys/createApiKey.ts'
import { deleteApiKey } from '../apiKeys/deleteApiKey.ts'
import type { Caller } from '../caller.ts'
import { createKafkaCluster } from '../kafkaClusters/createKafkaCluster.ts'
import { createOrganization, type NewOrganization } from '../organizations/createOrganization.ts'
import { createRoleBinding } from '../roleBindings/createRoleBinding.ts'
import { deleteRoleBinding } from '../roleBindings/deleteRoleBinding.ts'
import { createServiceAccount } from '../serviceAccounts/createServiceAccount.ts'
import { deleteServiceAccount } from '../serviceAccounts/deleteServiceAccount.ts'
import { projectAccess } from './projectAccess.ts'
import { queryBy, type Query } from './query.ts'

let test: TestDatabase
let database: Database
let prisma: Prisma
let organization: NewOrganization
let caller: Caller

beforeAll(async () => {
  test = await createTestDatabase(inject('postgresUrl'))
  database = new Database({ url: test.url, role: 'tributary_api', maxConnections: 20 })
  prisma = createPrisma({ url: test.url, role: 'tributary_worker', maxConnections: 1 })
})
afterAll(async () => {
  await prisma.$disconnect()
  await database.close()
  await test[Symbol.asyncDispose]()
})
beforeEach(async () => {
  organization = await createOrganization(prisma, new Keyring(Buffer.alloc(32, 1)), {
    displayName: 'o',
    administrator: { email: `${randomUUID()}@example.com`, fullName: 'A', password: 'a long password' },
  })
  caller = {
    organizationId: organization.organizationId,
    principalId: organization.administratorId,
    grants: [{ role: 'OrganizationAdmin', place: {} }],
    apiKey: undefined,
    operation: 'test',
    requestId: randomUUID(),
    scope: database.within(organization.organizationId),
  }
})

const cluster = async (
  environmentId: EnvironmentId = organization.environmentId,
  author = caller,
): Promise<KafkaClusterId> => {
  const created = await createKafkaCluster(
    author,
    { zones: ['zone-1'], maxCku: 1 },
    {
      environmentId,
      displayName: randomUUID(),
      availability: 'SINGLE_ZONE',
      cloud: 'AWS',
      region: 'r',
      type: 'Basic',
      cku: undefined,
      maxEcku: undefined,
      deletionProtection: false,
    },
  )
  return created.id
}
const environment = async (): Promise<EnvironmentId> => {
  const id = newId.environment()
  await prisma.environment.create({ data: { id, organizationId: organization.organizationId, displayName: id } })
  return id
}
const key = async (resourceId: KafkaClusterId, ownerId: string = organization.administratorId) => {
  const made = await createApiKey(caller, {
    ownerId: ownerId as `sa-${string}`,
    resourceId,
    displayName: '',
    description: '',
  })
  return made.key
}
const account = () => createServiceAccount(caller, { displayName: randomUUID(), description: '' })
const bind = (principalId: string, crnPattern: string, role = 'Operator') => {
  const grant = parseGrant(caller.organizationId, { role_name: role, crn_pattern: crnPattern })
  return createRoleBinding(caller, { principal: `User:${principalId}`, grant, crnPattern })
}
const revisionOfBinding = async (id: string) => (await prisma.roleBinding.findUniqueOrThrow({ where: { id } })).revision

const revisionOfKey = async (id: string) => (await prisma.apiKey.findUniqueOrThrow({ where: { id } })).revision
const nextRevision = async () => {
  const [row] = await test.query<{ revision: string }>("SELECT nextval('access_revisions') AS revision")
  return BigInt(row?.revision ?? 0)
}
const generationOf = async (id: string) =>
  (await prisma.resource.findUniqueOrThrow({ where: { kind_id: { kind: 'kafka-access', id } } })).generation
const grown = (from: readonly bigint[], to: readonly bigint[]) =>
  to.map((generation, n) => generation - (from[n] ?? 0n)).join('')
const waiting = (count: number) =>
  waitUntil(
    async () =>
      (
        await test.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).length === count,
    { timeoutMs: 5000, everyMs: 5, what: `${count} to wait for a lock` },
  )
/** Runs `work` while the access of a cluster is locked, and lets go of it when that has ended. */
const holding = (id: string, work: () => Promise<void>) =>
  caller.scope.transaction(async (scope) => {
    await scope.query(sql`SELECT 1 FROM resources WHERE kind = 'kafka-access' AND id = ${id} FOR UPDATE`)
    await work()
  })

describe('for each cluster revisions grow in the order in which changes commit', () => {
  it('is taken after the wait for whoever changes the same access', async () => {
    const id = await cluster()
    const everywhere = crn.organization(organization.organizationId)
    const [doomedKey, newcomer, leaver] = [await key(id), await account(), await account()]
    const doomedBinding = await bind(leaver.id, everywhere)
    let before = 0n
    let changes: Promise<bigint>[] = []
    await holding(id, async () => {
      changes = [
        key(id).then((made) => revisionOfKey(made.id)),
        deleteApiKey(caller, doomedKey).then(() => revisionOfKey(doomedKey.id)),
        bind(newcomer.id, everywhere).then((made) => revisionOfBinding(made.id)),
      ]
      await waiting(3)
      before = await nextRevision()
    })
    const revisions = await Promise.all(changes)
    await holding(id, async () => {
      changes = [deleteRoleBinding(caller, doomedBinding).then(() => revisionOfBinding(doomedBinding.id))]
      await waiting(1)
      revisions.push(await nextRevision())
    })
    const all = [before, ...revisions, ...(await Promise.all(changes))]
    expect(new Set(all).size).toBe(6)
    expect(all.every((revision) => revision >= before)).toBe(true)
    expect(all.at(-1)).toBeGreaterThan(all.at(-2) ?? 0n)
  })

  it('gives a role binding a revision above that of every cluster it concerns', async () => {
    const last = [await cluster(), await cluster()].toSorted().at(-1) ?? ''
    const { id } = await account()
    let before = 0n
    let bound: Promise<bigint> = Promise.resolve(0n)
    await holding(last, async () => {
      bound = bind(id, crn.environment(organization.organizationId, organization.environmentId)).then((made) =>
        revisionOfBinding(made.id),
      )
      await waiting(1)
      before = await nextRevision()
    })
    expect(await bound).toBeGreaterThan(before)
  })

  it('holds for many changes of several clusters at once, none of which waits in a circle', async () => {
    const ids = [await cluster(), await cluster(), await cluster()]
    const one = async (n: number) => {
      const [here, there] = [ids[n % 3], ids[(n + 1) % 3]]
      if (here === undefined || there === undefined) throw new Error('no clusters')
      const owner = await account()
      const [, , , binding] = await Promise.all([
        key(here, owner.id),
        key(there, owner.id),
        bind(owner.id, crn.environment(organization.organizationId, organization.environmentId)),
        bind(owner.id, crn.organization(organization.organizationId)),
      ])
      await deleteRoleBinding(caller, binding)
      await deleteServiceAccount(caller, owner)
    }
    await Promise.all(Array.from({ length: 12 }, (_, n) => one(n)))
    const keys = await prisma.apiKey.findMany({ where: { organizationId: caller.organizationId } })
    expect(keys).toHaveLength(24)
    expect(keys.every(({ deletedAt, revision }) => deletedAt !== null && revision > 0n)).toBe(true)
    // Created with generation 1; then 8 keys, 24 bindings, 12 that end and 12 principals that are deleted.
    expect(await Promise.all(ids.map(generationOf))).toEqual([57n, 57n, 57n])
  })
})

describe('what is published up to a revision is all there is up to it', () => {
  it('whatever is committed while it is read', async () => {
    const place = { ...organization, id: await cluster() }
    const read = queryBy(prisma)
    const readWhileItChanges: Query = async <Row>(statement: Sql) => {
      const rows = await read<Row>(statement)
      await key(place.id)
      await bind((await account()).id, crn.organization(organization.organizationId))
      return rows
    }
    const { records, revision } = await projectAccess(readWhileItChanges, place, -1n)
    const all = await projectAccess(read, place, -1n)
    expect(all.records.length).toBeGreaterThan(records.length)
    expect(records).toEqual(all.records.filter((record) => record.revision <= revision))
  })
})

describe('a change of role bindings concerns the clusters in their scope, and no other', () => {
  it('of an organization, an environment, a cluster, and what is inside a cluster', async () => {
    const { organizationId, environmentId } = organization
    const other = await environment()
    const [here, beside, there] = [await cluster(), await cluster(), await cluster(other)]
    const count = () => Promise.all([here, beside, there].map(generationOf))
    const told = async (pattern: string, role?: string) => {
      const before = await count()
      const binding = await bind((await account()).id, pattern, role)
      const between = await count()
      await deleteRoleBinding(caller, binding)
      const after = await count()
      return [grown(before, between), grown(between, after)]
    }
    const ofHere = `${crn.environment(organizationId, environmentId)}/cloud-cluster=${here}`
    expect(await told(crn.organization(organizationId))).toEqual(['111', '111'])
    expect(await told(crn.environment(organizationId, other))).toEqual(['001', '001'])
    expect(await told(ofHere)).toEqual(['100', '100'])
    expect(await told(`${ofHere}/kafka=${here}/topic=orders`, 'DeveloperRead')).toEqual(['100', '100'])
  })

  it('tells them when a principal is deleted, whether or not it has a key there', async () => {
    const [id, beside] = [await cluster(), await cluster(await environment())]
    const owner = await account()
    const binding = await bind(owner.id, crn.environment(organization.organizationId, organization.environmentId))
    await deleteServiceAccount(caller, owner)
    expect(await Promise.all([id, beside].map(generationOf))).toEqual([3n, 1n])
    expect((await prisma.roleBinding.findUniqueOrThrow({ where: { id: binding.id } })).deletedAt).not.toBeNull()
  })

  it('waits for a cluster that is being made in their scope, and tells it too', async () => {
    const { id } = await account()
    let bound: Promise<unknown> = Promise.resolve()
    const made = await caller.scope.transaction(async (scope) => {
      const begun = await cluster(organization.environmentId, { ...caller, scope })
      bound = bind(id, crn.organization(organization.organizationId))
      await waiting(1)
      return begun
    })
    await bound
    expect(await generationOf(made)).toBe(2n)
  })
})

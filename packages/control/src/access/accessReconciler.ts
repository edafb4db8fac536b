import type { Prisma } from '@tributary/database/database'
import type { Outcome, Reconciler, StepContext } from '@tributary/engine/reconciler'
import { createAccessTopic, publishAccess, type AccessGrant, type AccessRecord } from '@tributary/kafka/publishAccess'
import { assertNever } from '@tributary/kit/assertNever'
import { loadFormation } from '../kafkaClusters/formation.ts'
import { controlPlaneConnection } from '../kafkaClusters/controlPlaneConnection.ts'
import { accessKind } from '../kafkaClusters/kafkaCluster.ts'
import type { Installation } from '../installation.ts'

/**
 * Carries keys and grants from Postgres to the brokers, apart from everything else that happens to a
 * cluster: a resize never delays a key. A change of access is a new generation of this kind, and the
 * revision of its records.
 */
interface AccessState {
  clusterId: string
  organizationId: string
  deleted: boolean
  provisioned: boolean
  published: bigint
  desired: bigint
}

type AccessStep = { do: 'publish' } | { do: 'awaitCluster' } | { do: 'forget' } | { do: 'settled' }

export interface AccessDependencies {
  prisma: Prisma
  installation: Installation
}

/** Being provisioned rings for access itself; this is for a ring that got lost. */
const awaitClusterMs = 60_000
const driftCheckMs = 3_600_000

export function accessReconciler(dependencies: AccessDependencies): Reconciler<AccessState, AccessStep> {
  return {
    kind: accessKind,
    concurrency: 8,
    load: ({ id, generation }) => loadAccess(id, generation, dependencies.prisma),
    plan: planAccess,
    execute(step, state, context) {
      switch (step.do) {
        case 'publish':
          return publish(state, context, dependencies)
        case 'awaitCluster':
          return Promise.resolve({
            next: 'checkAgain',
            afterMs: awaitClusterMs,
            waitingFor: 'the cluster to be provisioned',
          })
        case 'forget':
          return Promise.resolve({ next: 'forget' })
        case 'settled':
          return Promise.resolve({ next: 'settled', driftCheckAfterMs: driftCheckMs })
        default:
          return assertNever(step)
      }
    },
  }
}

export function planAccess({ deleted, provisioned, published, desired }: AccessState): AccessStep {
  if (deleted) return { do: 'forget' }
  if (!provisioned) return { do: 'awaitCluster' }
  return published < desired ? { do: 'publish' } : { do: 'settled' }
}

async function loadAccess(clusterId: string, generation: bigint, prisma: Prisma): Promise<AccessState> {
  const { organizationId, deletedAt, phase, publication } = await prisma.kafkaCluster.findUniqueOrThrow({
    where: { id: clusterId },
    include: { publication: true },
  })
  return {
    clusterId,
    organizationId,
    deleted: deletedAt !== null,
    provisioned: phase === 'PROVISIONED',
    published: publication?.publishedRevision ?? -1n,
    desired: generation,
  }
}

/** Publishes what changed since the last publication: everything, if there was none. */
async function publish(
  { clusterId, organizationId, published, desired }: AccessState,
  { fenced }: StepContext,
  dependencies: AccessDependencies,
): Promise<Outcome> {
  const formation = await loadFormation(clusterId, dependencies)
  if (formation === undefined)
    return { next: 'checkAgain', afterMs: awaitClusterMs, waitingFor: 'the cluster to be formed' }
  const records = await changedSince(published, { clusterId, organizationId, desired }, dependencies.prisma)
  const connection = await controlPlaneConnection(clusterId, formation)
  if (published < 0n) await createAccessTopic(connection, Math.min(3, formation.brokers.length))
  if (records.length > 0) await publishAccess(clusterId, connection, records)
  await fenced((transaction) =>
    transaction.accessPublication.update({ where: { clusterId }, data: { publishedRevision: desired } }),
  )
  return { next: 'continue' }
}

async function changedSince(
  published: bigint,
  { clusterId, organizationId, desired }: Pick<AccessState, 'clusterId' | 'organizationId' | 'desired'>,
  prisma: Prisma,
): Promise<AccessRecord[]> {
  const keys = await prisma.apiKey.findMany({ where: { resourceId: clusterId, revision: { gt: published } } })
  const bindings =
    published < 0n ? await prisma.roleBinding.findMany({ where: { organizationId, deletedAt: null } }) : []
  return [
    ...keys.map(({ id, revision, ownerId, salt, hash, deletedAt }): AccessRecord => ({
      key: `key/${id}`,
      value:
        deletedAt === null
          ? { revision: Number(revision), owner: ownerId, salt: base64(salt), hash: base64(hash) }
          : { revision: Number(revision), deleted: true },
    })),
    ...bindings.map(({ id, principal, roleName }): AccessRecord => ({
      key: `binding/${id}`,
      value: {
        revision: Number(desired),
        principal: principal.replace(/^User:/, ''),
        grants: roleName === 'OrganizationAdmin' ? everything : [],
      },
    })),
  ]
}

const every = (type: AccessGrant['type'], operations: readonly string[]): AccessGrant => ({
  type,
  name: '',
  pattern: 'PREFIXED',
  operations,
})

const everything: readonly AccessGrant[] = [
  every('TOPIC', ['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS']),
  every('GROUP', ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS']),
  every('TRANSACTIONAL_ID', ['WRITE', 'DESCRIBE', 'TWO_PHASE_COMMIT']),
  {
    type: 'CLUSTER',
    name: 'kafka-cluster',
    pattern: 'LITERAL',
    operations: ['ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'CREATE', 'IDEMPOTENT_WRITE'],
  },
]

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

import { randomBytes } from 'node:crypto'
import { planKafkaCluster, type KafkaClusterStep } from '@tributary/domain/kafkaCluster/planKafkaCluster'
import { StepFailure, type Outcome, type Reconciler, type StepContext } from '@tributary/engine/reconciler'
import { outgrowToken } from '@tributary/database/lease'
import { bracketed, type BrokerConfiguration } from '@tributary/kafka/brokerConfiguration'
import { issueBrokerCertificates } from '@tributary/kafka/clusterCertificates'
import { brokerPorts, kafkaWorkload } from '@tributary/kafka/workload'
import { AddressInUse, StaleToken } from '@tributary/orchestrators/contract'
import { assertNever } from '@tributary/kit/assertNever'
import { createCertificateAuthority } from '@tributary/kit/certificates'
import type { Clock } from '@tributary/kit/clock'
import { seal } from '@tributary/kit/seal'
import sql, { empty } from 'sql-template-tag'
import { highestRevision } from '../access/projectAccess.ts'
import { queryBy, type Query } from '../access/query.ts'
import { loadClusterState, type ClusterDependencies, type ClusterState } from './clusterState.ts'
import { authorityKeyContext } from './formation.ts'
import { accessKind, clusterKind, configurationKind, topicsKind } from './kafkaCluster.ts'

export interface KafkaClusterReconcilerDependencies extends ClusterDependencies {
  clock: Clock
}

/** Brokers start within seconds. Those that do not answer for long are looked at less, and leave room for others. */
const readinessCheckMs = (waitedMs: number) => Math.min(10_000, Math.max(100, waitedMs / 20))
const driftCheckMs = 30_000

/** Makes Kafka clusters what was asked for. */
export function kafkaClusterReconciler(
  dependencies: KafkaClusterReconcilerDependencies,
): Reconciler<ClusterState, KafkaClusterStep> {
  return {
    kind: clusterKind,
    concurrency: 32,
    load: (lease) => loadClusterState(lease.id, dependencies),
    plan: ({ spec, desiredBrokers, observed }) =>
      planKafkaCluster({ deleted: spec.deleted, brokers: desiredBrokers.map(({ id }) => id) }, observed),
    execute(step, state, context) {
      switch (step.do) {
        case 'prepareBrokers':
          return prepareBrokers(state, context, dependencies)
        case 'startBrokers':
          return startBrokers(step.brokers, state, context, dependencies)
        case 'awaitBrokers':
          return awaitBrokers(state, context, dependencies)
        case 'markProvisioned':
          return markProvisioned(state, context)
        case 'removeWorkload':
          return removeWorkload(state, dependencies)
        case 'forget':
          return Promise.resolve({ next: 'forget' })
        case 'settled':
          return settle(state, dependencies)
        default:
          return assertNever(step)
      }
    },
  }
}

/** Gives the brokers addresses and identities, and the cluster its own certificate authority. */
async function prepareBrokers(
  { spec, desiredBrokers, formation }: ClusterState,
  { fenced }: StepContext,
  { orchestrator, prisma, installation, clock }: KafkaClusterReconcilerDependencies,
): Promise<Outcome> {
  const { id: clusterId, organizationId } = spec
  const endpoints = await orchestrator.reserve(clusterId, { members: desiredBrokers, ports: brokerPorts })
  const { wrappedDataKey } = await prisma.organization.findUniqueOrThrow({ where: { id: organizationId } })
  const dataKey = installation.keyring.openDataKey(organizationId, Buffer.from(wrappedDataKey))
  const authority = formation?.authority ?? (await createCertificateAuthority(clusterId, clock.now()))
  const sealedAuthorityKey = seal(dataKey, Buffer.from(authority.privateKeyPem, 'utf8'), authorityKeyContext(clusterId))
  await fenced(async (transaction) => {
    await transaction.kafkaClusterFormation.upsert({
      where: { clusterId },
      update: {},
      create: {
        clusterId,
        organizationId,
        state: 'forming',
        kafkaClusterId: kafkaUuid(),
        authorityCertificate: authority.certificatePem,
        sealedAuthorityKey: Uint8Array.from(sealedAuthorityKey),
      },
    })
    await transaction.kafkaBroker.createMany({
      data: desiredBrokers.map(({ id, zone }) => ({
        clusterId,
        brokerId: id,
        organizationId,
        zone,
        directoryId: kafkaUuid(),
        endpoints: JSON.parse(JSON.stringify(endpoints[id] ?? {})) as object,
      })),
      skipDuplicates: true,
    })
  })
  return { next: 'continue' }
}

/** Starts every broker that does not run; those that run stay as they are, those that keep dying wait. */
async function startBrokers(
  stopped: readonly number[],
  { spec, formation, members }: ClusterState,
  { lease, fenced }: StepContext,
  { orchestrator, prisma, installation, clock }: KafkaClusterReconcilerDependencies,
): Promise<Outcome> {
  const now = clock.now()
  const waits = stopped.map((id) => members.find((member) => member.id === id)?.startableAt?.getTime() ?? 0)
  const waitMs = Math.min(...waits) - now.getTime()
  if (waitMs > 0) return { next: 'checkAgain', afterMs: waitMs, waitingFor: 'a broker that keeps dying' }
  if (formation === undefined)
    throw new StepFailure('bug', 'NotPrepared', 'brokers are to start before they were prepared')
  const authorities = { cluster: formation.authority, installation: installation.authority }
  const issued = formation.brokers.map(
    async (broker) => [broker.id, await issueBrokerCertificates(spec.id, broker, authorities, now)] as const,
  )
  const manifest = kafkaWorkload(
    {
      id: spec.id,
      uuid: formation.kafkaClusterId,
      formation: formation.state === 'formed' ? 'join' : 'found',
      ...(formation.state === 'formed' ? { accessRevision: Number(await highestRevision(queryBy(prisma), spec)) } : {}),
      brokers: formation.brokers,
    },
    {
      authority: formation.authority.certificatePem,
      brokers: Object.fromEntries(await Promise.all(issued)),
      tokenPublicKey: installation.tokenKey.publicKeyPem,
    },
  )
  try {
    await orchestrator.apply(manifest, Number(lease.token))
    return { next: 'continue' }
  } catch (error) {
    if (error instanceof AddressInUse) {
      const message =
        'Something else listens on an address of a broker. It is tried again; the log of the worker says where.'
      throw new StepFailure('dependency', 'AddressInUse', message, { cause: error })
    }
    if (!(error instanceof StaleToken)) throw error
    // Whoever comes late has lost the lease. Whoever has it works on a database that was restored from an older copy.
    await fenced((transaction) => outgrowToken(transaction, error.live))
    return { next: 'checkAgain', afterMs: 0, waitingFor: 'a lease that is newer than what runs' }
  }
}

/**
 * Brokers that answer inside, but let nobody in, may wait for access that is not published yet: keys that were deleted
 * while they were down. That doesn't wait for its own back-off.
 */
async function awaitBrokers(
  { spec, readiness }: ClusterState,
  { notReadyForMs }: StepContext,
  { prisma }: KafkaClusterReconcilerDependencies,
): Promise<Outcome> {
  if (readiness === 'inside') await ringInside(queryBy(prisma), spec.id, failed)
  return { next: 'checkAgain', afterMs: readinessCheckMs(notReadyForMs), waitingFor: 'the brokers to answer' }
}

/** The cluster is ready: its users see it, and from now on an empty volume never founds a quorum. */
async function markProvisioned({ spec, formation }: ClusterState, { fenced }: StepContext): Promise<Outcome> {
  await fenced(async (transaction) => {
    await transaction.kafkaClusterFormation.update({
      where: { clusterId: spec.id },
      data: { state: 'formed', formedAt: new Date() },
    })
    await transaction.kafkaCluster.update({
      where: { id: spec.id },
      data: {
        phase: 'PROVISIONED',
        provisionedCku: spec.cku ?? null,
        bootstrapEndpoint: bootstrapEndpoint(formation?.brokers ?? []),
      },
    })
    await ringInside(queryBy(transaction), spec.id)
  })
  return { next: 'continue' }
}

/** What could not be told to brokers while they were away, such as a revocation, does not wait for its own back-off. */
async function settle({ spec }: ClusterState, { prisma }: KafkaClusterReconcilerDependencies): Promise<Outcome> {
  await ringInside(queryBy(prisma), spec.id, failed)
  return { next: 'settled', driftCheckAfterMs: driftCheckMs }
}

/** What failed and waits for its back-off. */
const failed = sql`AND failures > 0 AND next_check_at > now()`

/** Rings for what is carried into the brokers, and out of them. To ring once too often does no harm. */
async function ringInside(query: Query, id: string, condition = empty) {
  const kinds = [accessKind, configurationKind, topicsKind]
  await query(sql`
    WITH rung AS (
      UPDATE resources SET next_check_at = 'epoch' WHERE kind = ANY(${kinds}::text[]) AND id = ${id} ${condition}
      RETURNING kind, id)
    INSERT INTO outbox (kind, resource_id) SELECT kind, id FROM rung`)
}

async function removeWorkload(
  { spec }: ClusterState,
  { orchestrator }: KafkaClusterReconcilerDependencies,
): Promise<Outcome> {
  await orchestrator.remove(spec.id, { keepVolumes: false })
  return { next: 'continue' }
}

const bootstrapEndpoint = (brokers: readonly BrokerConfiguration[]) =>
  brokers
    .map(({ endpoints: { external } }) => `${bracketed(external.advertised.host)}:${external.advertised.port}`)
    .join(',')

/** Kafka's ids: 16 random bytes in URL-safe base64. One that begins with a dash would look like an option. */
function kafkaUuid(): string {
  const uuid = randomBytes(16).toString('base64url')
  return uuid.startsWith('-') ? kafkaUuid() : uuid
}

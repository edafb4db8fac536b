import type { Database, Prisma } from '@tributary/database/database'
import { planAccess, type AccessStep } from '@tributary/domain/access/planAccess'
import type { Outcome, Reconciler, StepContext } from '@tributary/engine/reconciler'
import type { KafkaConnection } from '@tributary/kafka/connection'
import { createOwnTopics } from '@tributary/kafka/ownTopics'
import { AccessPublisher } from '@tributary/kafka/publishAccess'
import { readAccess } from '@tributary/kafka/readAccess'
import { assertNever } from '@tributary/kit/assertNever'
import sql, { empty } from 'sql-template-tag'
import type { Installation } from '../installation.ts'
import { controlPlaneConnection } from '../kafkaClusters/controlPlaneConnection.ts'
import { loadFormation } from '../kafkaClusters/formation.ts'
import { accessKind } from '../kafkaClusters/kafkaCluster.ts'
import { correctAccess } from './correctAccess.ts'
import { endExpiredKeys } from './endExpiredKeys.ts'
import { findAccess, type FoundAccess } from './findAccess.ts'
import { projectAccess } from './projectAccess.ts'
import { queryBy, type Query } from './query.ts'

/**
 * Carries keys and role bindings from Postgres to the brokers, apart from everything else that happens to a cluster: a
 * resize never delays a key. What is newer than the last publication is published as it comes; every hour, and when a
 * process publishes to a cluster for the first time, the topic is compared with the database and corrected.
 */
interface AccessState extends FoundAccess {
  desiredGeneration: bigint
  /** This process has compared the topic before. */
  compared: boolean
}

export interface AccessDependencies {
  database: Database
  prisma: Prisma
  installation: Installation
}

/** Being provisioned rings for access itself; this is for a ring that got lost. */
const awaitClusterMs = 60_000

export function accessReconciler(dependencies: AccessDependencies): Reconciler<AccessState, AccessStep> {
  /** Clusters whose topic this process has compared. */
  const compared = new Set<string>()
  const publisher = new AccessPublisher()
  return {
    kind: accessKind,
    concurrency: 32,
    async load({ id, generation }) {
      const found = await findAccess(dependencies.database, id)
      return { ...found, desiredGeneration: generation, compared: compared.has(id) }
    },
    plan: (state) =>
      planAccess({
        ...state,
        behind: state.publishedGeneration < state.desiredGeneration,
        republishRequested: state.republishRequestedAt !== null,
        keyExpiresInMs: state.keyExpiresInMs ?? undefined,
      }),
    async execute(step, state, context) {
      switch (step.do) {
        case 'publish':
          return publishChanges(state, publisher, context, dependencies)
        case 'compare':
        case 'republish': {
          const outcome = await correctTopic(state, step.do === 'republish', publisher, context, dependencies)
          if (outcome.next === 'continue') compared.add(state.cluster.id)
          return outcome
        }
        case 'endExpiredKeys':
          await context.fenced((transaction) => endExpiredKeys(queryBy(transaction), state.cluster.id))
          return { next: 'continue' }
        case 'awaitCluster':
          return { next: 'checkAgain', afterMs: awaitClusterMs, waitingFor: 'the cluster to be provisioned' }
        case 'forget':
          compared.delete(state.cluster.id)
          return { next: 'forget' }
        case 'settled':
          return {
            next: 'settled',
            driftCheckAfterMs: step.compareAfterMs,
            ...(step.keyExpiresAfterMs !== undefined && { dueAfterMs: step.keyExpiresAfterMs }),
          }
        default:
          return assertNever(step)
      }
    },
  }
}

/** Publishes what changed since the last publication. */
async function publishChanges(
  state: AccessState,
  publisher: AccessPublisher,
  context: StepContext,
  dependencies: AccessDependencies,
) {
  const { cluster, publishedRevision } = state
  const { database } = dependencies
  return withBrokers(cluster.id, dependencies, async (connection) => {
    let revision = publishedRevision
    await publisher.publish(cluster.id, connection, async () => {
      const changes = await projectAccess((statement) => database.query(statement), cluster, publishedRevision)
      if (changes.revision > revision) revision = changes.revision
      return changes.records
    })
    await context.fenced((transaction) => recordPublication(queryBy(transaction), state, revision))
  })
}

/** Publishes what the topic does not say, or all of it again. */
async function correctTopic(
  state: AccessState,
  everything: boolean,
  publisher: AccessPublisher,
  context: StepContext,
  dependencies: AccessDependencies,
): Promise<Outcome> {
  const { cluster, republishRequestedAt } = state
  return withBrokers(cluster.id, dependencies, async (connection, brokers) => {
    await createOwnTopics(connection, Math.min(3, brokers))
    let revision = -1n
    await publisher.publish(cluster.id, connection, async () => {
      const published = await readAccess(connection)
      const corrected = await context.fenced((transaction) =>
        correctAccess(queryBy(transaction), cluster, published, everything),
      )
      revision = corrected.revision
      return corrected.records
    })
    await context.fenced(async (transaction) => {
      const query = queryBy(transaction)
      await recordPublication(query, state, revision, sql`, verified_at = now()`)
      // Asked for again meanwhile, it is done again.
      if (everything) {
        await query(sql`
          UPDATE access_publications SET republish_requested_at = NULL
          WHERE cluster_id = ${cluster.id} AND republish_requested_at = ${republishRequestedAt}`)
      }
    })
  })
}

async function withBrokers(
  clusterId: string,
  dependencies: AccessDependencies,
  work: (connection: KafkaConnection, brokers: number) => Promise<void>,
): Promise<Outcome> {
  const formation = await loadFormation(clusterId, dependencies)
  if (formation === undefined)
    return { next: 'checkAgain', afterMs: awaitClusterMs, waitingFor: 'the cluster to be formed' }
  await work(await controlPlaneConnection(clusterId, formation), formation.brokers.length)
  return { next: 'continue' }
}

async function recordPublication(
  query: Query,
  { cluster, desiredGeneration }: AccessState,
  revision: bigint,
  verified = empty,
) {
  await query(sql`
    UPDATE access_publications
    SET published_revision = greatest(published_revision, ${revision}::bigint),
        published_generation = greatest(published_generation, ${desiredGeneration}::bigint) ${verified}
    WHERE cluster_id = ${cluster.id}`)
}

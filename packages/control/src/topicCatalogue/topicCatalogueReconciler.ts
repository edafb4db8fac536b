import type { Database, Prisma } from '@tributary/database/database'
import type { KafkaClusterId } from '@tributary/domain/ids'
import {
  planTopicCatalogue,
  type CatalogueEntry,
  type ListedTopic,
  type TopicCatalogueStep,
} from '@tributary/domain/topicCatalogue/planTopicCatalogue'
import type { Outcome, Reconciler } from '@tributary/engine/reconciler'
import { listTopics } from '@tributary/kafka/topics'
import { assertNever } from '@tributary/kit/assertNever'
import { queryBy } from '../access/query.ts'
import type { Installation } from '../installation.ts'
import { controlPlaneConnection } from '../kafkaClusters/controlPlaneConnection.ts'
import { findFormation, openFormation } from '../kafkaClusters/formation.ts'
import { topicsKind } from '../kafkaClusters/kafkaCluster.ts'
import { correctCatalogue } from './correctCatalogue.ts'
import { databaseTime } from './databaseTime.ts'
import { readCatalogue } from './readCatalogue.ts'

/**
 * Follows the topics of a cluster, whoever makes them: the one kind that carries something out of Kafka, not into it.
 * The catalogue is read before Kafka is asked, so what Kafka REST did before that is in the listing, and what it does
 * later is not overwritten.
 */
export interface TopicCatalogueDependencies {
  database: Database
  prisma: Prisma
  installation: Installation
}

interface TopicCatalogueState {
  cluster: { deleted: boolean; provisioned: boolean }
  entries: readonly CatalogueEntry[]
  /** Undefined before the cluster is provisioned, and after it was deleted. */
  listed: readonly ListedTopic[] | undefined
  /** Before the catalogue was read, by the database's clock. */
  readAt: string
}

/** Being provisioned rings; this is for a ring that got lost. */
const awaitClusterMs = 60_000
const driftCheckMs = 30_000

export function topicCatalogueReconciler(
  dependencies: TopicCatalogueDependencies,
): Reconciler<TopicCatalogueState, TopicCatalogueStep> {
  return {
    kind: topicsKind,
    concurrency: 16,
    load: ({ id }) => loadTopics(id as KafkaClusterId, dependencies),
    plan: ({ cluster, entries, listed }) => planTopicCatalogue(cluster, entries, listed),
    async execute(step, { readAt }, { lease, fenced }): Promise<Outcome> {
      switch (step.do) {
        case 'awaitCluster':
          return { next: 'checkAgain', afterMs: awaitClusterMs, waitingFor: 'the cluster to be provisioned' }
        case 'correctCatalogue':
          await fenced((transaction) => correctCatalogue(queryBy(transaction), lease.id, step, readAt))
          return { next: 'continue' }
        case 'forget':
          return { next: 'forget' }
        case 'settled':
          return { next: 'settled', driftCheckAfterMs: driftCheckMs }
        default:
          return assertNever(step)
      }
    },
  }
}

async function loadTopics(
  clusterId: KafkaClusterId,
  dependencies: TopicCatalogueDependencies,
): Promise<TopicCatalogueState> {
  const { database, prisma, installation } = dependencies
  const row = await findFormation(prisma, clusterId)
  const cluster = { deleted: row.deletedAt !== null, provisioned: row.phase === 'PROVISIONED' }
  const formation = cluster.deleted || !cluster.provisioned ? undefined : openFormation(row, installation)
  if (formation === undefined) return { cluster, entries: [], listed: undefined, readAt: '' }
  const readAt = await databaseTime((statement) => database.query(statement))
  const entries = await readCatalogue(database, clusterId)
  const topics = await listTopics(await controlPlaneConnection(clusterId, formation))
  const listed = topics.filter(({ name }) => !name.startsWith(ownTopicPrefix))
  return { cluster, entries, listed, readAt }
}

/** Topics of the control plane itself. */
const ownTopicPrefix = '__tributary_'

import { insertApiKey } from '@tributary/control/apiKeys/createApiKey'
import { deleteApiKey } from '@tributary/control/apiKeys/deleteApiKey'
import type { ApiKey } from '@tributary/control/apiKeys/apiKey'
import { republishAccess } from '@tributary/control/access/republishAccess'
import type { Caller } from '@tributary/control/caller'
import { createKafkaCluster } from '@tributary/control/kafkaClusters/createKafkaCluster'
import { deleteKafkaCluster } from '@tributary/control/kafkaClusters/deleteKafkaCluster'
import type { KafkaCluster } from '@tributary/control/kafkaClusters/kafkaCluster'
import { queryBy } from '@tributary/control/access/query'
import { correctCatalogue } from '@tributary/control/topicCatalogue/correctCatalogue'
import { giveBackPartitions } from '@tributary/control/topicCatalogue/giveBackPartitions'
import { readCatalogue } from '@tributary/control/topicCatalogue/readCatalogue'
import { recordDeletedTopic } from '@tributary/control/topicCatalogue/recordDeletedTopic'
import { recordTopic } from '@tributary/control/topicCatalogue/recordTopic'
import { reservePartitions } from '@tributary/control/topicCatalogue/reservePartitions'
import type { Database, Prisma } from '@tributary/database/database'
import { exceededQuota } from '@tributary/database/databaseErrors'
import { drainOutbox } from '@tributary/database/outbox'
import { LeaseLost } from '@tributary/database/lease'
import { Resources } from '@tributary/database/resources'
import { Steps } from '@tributary/database/steps'
import { AppError } from '@tributary/domain/errors'
import type { EnvironmentId, KafkaClusterId, PrincipalId } from '@tributary/domain/ids'
import type { CatalogueEntry, ListedTopic } from '@tributary/domain/topicCatalogue/planTopicCatalogue'
import type { LeaseStore, Outbox, StepStore } from '@tributary/engine/stores'
import { ControlTables, Refused, type Author, type Limits } from './controlTables.ts'
import { leasesOn, outboxOn, stepsOn } from './engineStores.ts'
import { EngineTables } from './engineTables.ts'

/** What the engine and the API's users do to a store, be it Postgres or the model of it. */
export interface Store {
  leases: LeaseStore
  steps: StepStore
  outbox: Pick<Outbox, 'drain'>
  /** Resolves to the cluster's id. The model takes it from Postgres. */
  createCluster(author: Author, id: string): Promise<string>
  deleteCluster(author: Author, id: string): Promise<void>
  createKey(author: Author, id: string, clusterId: string): Promise<string>
  deleteKey(author: Author, id: string, clusterId: string): Promise<void>
  republishAccess(author: Author, id: string): Promise<void>
  reservePartitions(author: Author, clusterId: string, topic: WantedTopic): Promise<number>
  recordTopic(clusterId: string, topic: ListedTopic, reserved: number): Promise<void>
  giveBackPartitions(clusterId: string, name: string, reserved: number): Promise<void>
  /** Begun so long ago; listings are told to be so old, too. */
  recordDeletedTopic(author: Author, clusterId: string, name: string, agoMs: number): Promise<void>
  readCatalogue(clusterId: string): Promise<CatalogueEntry[]>
  correctCatalogue(clusterId: string, corrections: Corrections, agoMs: number): Promise<void>
}

export type WantedTopic = Parameters<ControlTables['reservePartitions']>[2]
export type Corrections = Parameters<ControlTables['correctCatalogue']>[1]

export const leaseTtlMs = 110_000

export function postgresStore(
  { database, prisma }: { database: Database; prisma: Prisma },
  caller: Caller,
  environmentId: EnvironmentId,
): Store {
  const by = (author: Author): Caller => ({ ...caller, ...author })
  return {
    leases: new Resources(database, prisma, leaseTtlMs),
    steps: new Steps(database),
    outbox: { drain: (limit, deliver) => drainOutbox(database, limit, deliver) },
    async createCluster(author) {
      const created = await createKafkaCluster(
        by(author),
        { zones: ['zone-1'], maxCku: 1 },
        {
          environmentId,
          displayName: author.requestId,
          availability: 'LOW',
          cloud: 'AWS',
          region: 'r',
          type: 'Basic',
          cku: undefined,
          maxEcku: undefined,
          deletionProtection: false,
        },
      )
      return created.id
    },
    deleteCluster: (author, id) => deleteKafkaCluster(by(author), cluster(id)),
    async createKey(author, _id, clusterId) {
      const ownerId = caller.principalId as PrincipalId
      const resourceId = clusterId as KafkaClusterId
      const { key } = await insertApiKey(by(author), { ownerId, resourceId, displayName: '', description: '' })
      return key.id
    },
    deleteKey: (author, id, clusterId) => deleteApiKey(by(author), { id, resource_id: clusterId } as ApiKey),
    republishAccess: (author, id) => republishAccess(by(author), cluster(id)),
    reservePartitions: (author, id, topic) => reservePartitions(by(author), cluster(id), topic),
    recordTopic: (id, topic, reserved) => recordTopic(caller, cluster(id), topic, reserved),
    giveBackPartitions: (id, name, reserved) => giveBackPartitions(caller, cluster(id), name, reserved),
    recordDeletedTopic: (author, id, name, agoMs) => recordDeletedTopic(by(author), cluster(id), name, ago(agoMs)),
    readCatalogue: (id) => readCatalogue(database, cluster(id).id),
    correctCatalogue: (id, corrections, agoMs) => correctCatalogue(queryBy(prisma), id, corrections, ago(agoMs)),
  }
}

const cluster = (id: string) => ({ id: id as KafkaClusterId }) as KafkaCluster
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()
const call = async <Result>(_what: string, effect: () => Result | Promise<Result>) => effect()
const listening = () => ({ stop: () => Promise.resolve() })

export interface ModelStore extends Store {
  engine: EngineTables
  control: ControlTables
  advance(ms: number): void
}

export function modelStore(limits: Limits): ModelStore {
  let nowMs = 0
  const engine = new EngineTables(() => nowMs)
  const control = new ControlTables(engine, limits)
  return {
    engine,
    control,
    advance: (ms) => void (nowMs += ms),
    leases: leasesOn(engine, leaseTtlMs, call),
    steps: stepsOn(engine, call),
    outbox: outboxOn(engine, { call, isAlive: true, whenDead: () => undefined }, listening),
    async createCluster(author, id) {
      control.createCluster(author, id, 'env', 'LOW')
      return id
    },
    deleteCluster: async (author, id) => control.deleteCluster(author, id),
    async createKey(author, id, clusterId) {
      control.createKey(author, id, clusterId, undefined)
      return id
    },
    deleteKey: async (author, id) => control.deleteKey(author, id),
    republishAccess: async (author, id) => control.republishAccess(author, id),
    reservePartitions: async (author, id, topic) => control.reservePartitions(author, id, topic),
    recordTopic: async (id, topic, reserved) => control.recordTopic(id, topic, reserved),
    giveBackPartitions: async (id, name, reserved) => control.giveBackPartitions(id, name, reserved),
    recordDeletedTopic: async (author, id, name, agoMs) =>
      void control.recordDeletedTopic(author, id, name, nowMs - agoMs),
    readCatalogue: async (id) => control.catalogueOf(id),
    correctCatalogue: async (id, corrections, agoMs) => control.correctCatalogue(id, corrections, nowMs - agoMs),
  }
}

/** What came of something, in words that both stores share. */
export async function outcomeOf<Value>(done: Promise<Value>): Promise<{ value: Value } | { refused: string }> {
  try {
    return { value: await done }
  } catch (error) {
    if (error instanceof LeaseLost) return { refused: 'lease lost' }
    if (error instanceof Refused) return { refused: error.message }
    if (exceededQuota(error) !== undefined) return { refused: 'overQuota' }
    // It depends on where something is missing whether that is a 404 or an invalid request.
    if (error instanceof AppError && [404, 422].includes(error.status)) return { refused: 'notFound' }
    if (error instanceof AppError && error.status === 503) return { refused: 'busy' }
    throw error
  }
}

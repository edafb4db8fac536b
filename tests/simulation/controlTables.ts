import type { Availability, Phase } from '@tributary/domain/kafkaCluster/spec'
import { accessKind, clusterKind, configurationKind, topicsKind } from '@tributary/control/kafkaClusters/kafkaCluster'
import type { CatalogueEntry, ListedTopic } from '@tributary/domain/topicCatalogue/planTopicCatalogue'
import type { EngineTables } from './engineTables.ts'

export interface ClusterRow {
  id: string
  environmentId: string
  availability: Availability
  phase: Phase
  deleted: boolean
  brokerConfigs: Readonly<Record<string, string>>
  formation: { state: 'forming' | 'formed'; kafkaClusterId: string } | undefined
  brokers: readonly { id: number; directoryId: string }[]
  publication: {
    revision: bigint
    generation: bigint
    verifiedAt: number | undefined
    republishRequestedAt: number | undefined
  }
}

export interface KeyRow {
  id: string
  clusterId: string
  revision: bigint
  deleted: boolean
  expiresAt: number | undefined
}

/** Of the catalogue of topics. */
export interface TopicRow {
  clusterId: string
  name: string
  partitions: number
  replicationFactor: number
  reserved: number
  changedAt: number | undefined
}

/** Service quotas: clusters of an environment, keys and partitions of a cluster. */
export interface Limits {
  clusters: number
  keys: number
  partitions: number
}

/** A change that is refused commits nothing. */
export class Refused extends Error {
  constructor(reason: 'notFound' | 'overQuota' | 'busy') {
    super(reason)
    this.name = 'Refused'
  }
}

export interface Author {
  requestId: string
  operation: string
}

export const organizationId = '00000000-0000-0000-0000-000000000001'
export const clusterKinds = [clusterKind, accessKind, configurationKind, topicsKind]

/**
 * What the control plane keeps beside the engine, and what each operation of the API commits there: all of it at once,
 * with its audit row, the new generation and the outbox rows.
 */
export class ControlTables {
  readonly clusters = new Map<string, ClusterRow>()
  readonly keys = new Map<string, KeyRow>()
  readonly topics = new Map<string, TopicRow>()
  limits: Limits
  readonly engine: EngineTables
  revision = 0n

  constructor(engine: EngineTables, limits: Limits) {
    this.engine = engine
    this.limits = limits
  }

  createCluster(author: Author, id: string, environmentId: string, availability: Availability): void {
    if (this.clustersIn(environmentId) >= this.limits.clusters) throw new Refused('overQuota')
    const publication = { revision: -1n, generation: -1n, verifiedAt: undefined, republishRequestedAt: undefined }
    this.clusters.set(id, {
      id,
      environmentId,
      availability,
      phase: 'PROVISIONING',
      deleted: false,
      brokerConfigs: {},
      formation: undefined,
      brokers: [],
      publication,
    })
    this.#commit(author, id, clusterKinds, id)
  }

  deleteCluster(author: Author, id: string): void {
    const cluster = this.#existing(id)
    this.clusters.set(id, { ...cluster, deleted: true, brokerConfigs: {} })
    for (const key of this.keysOf(id)) if (!key.deleted) this.keys.set(key.id, { ...key, deleted: true })
    for (const topic of this.topicsOf(id)) this.topics.delete(topicKey(id, topic.name))
    this.#commit(author, id, clusterKinds, id)
  }

  createKey(author: Author, id: string, clusterId: string, expiresAt: number | undefined): void {
    this.#existing(clusterId)
    if (this.liveKeysOf(clusterId) >= this.limits.keys) throw new Refused('overQuota')
    this.keys.set(id, { id, clusterId, revision: ++this.revision, deleted: false, expiresAt })
    this.#commit(author, id, [accessKind], clusterId)
  }

  deleteKey(author: Author, id: string): void {
    const key = this.keys.get(id)
    if (key === undefined || key.deleted) throw new Refused('notFound')
    this.keys.set(id, { ...key, deleted: true, revision: ++this.revision })
    this.#commit(author, id, [accessKind], key.clusterId)
  }

  republishAccess(author: Author, id: string): void {
    const { publication } = this.#existing(id)
    this.update(id, { publication: { ...publication, republishRequestedAt: this.engine.now() } })
    this.#commit(author, id, [accessKind], id)
  }

  changeBrokerConfigs(author: Author, id: string, changes: Readonly<Record<string, string | undefined>>): void {
    const { brokerConfigs } = this.#existing(id)
    const changed = Object.entries({ ...brokerConfigs, ...changes }).filter(([, value]) => value !== undefined)
    this.update(id, { brokerConfigs: Object.fromEntries(changed) as Record<string, string> })
    this.#commit(author, id, [configurationKind], id)
  }

  /** What only the API's users see. */
  renameCluster(author: Author, id: string): void {
    this.#existing(id)
    this.#commit(author, id, [], id)
  }

  /** All that a new topic is to have, whatever is known of its name; of one that there is, what it has not yet. */
  reservePartitions(
    author: Author,
    clusterId: string,
    { name, partitionsCount, isNew }: { name: string; partitionsCount: number; isNew: boolean },
  ): number {
    this.#existing(clusterId)
    const row = this.#topic(clusterId, name)
    const isOld = (row.changedAt ?? -Infinity) <= this.engine.now() - 20_000
    if (row.reserved > 0 && isOld) {
      this.engine.touch(topicsKind, clusterId)
      throw new Refused('busy')
    }
    const added = Math.max(0, partitionsCount - (isNew ? 0 : row.partitions))
    if (added > 0 && this.usedPartitions(clusterId) + added > this.limits.partitions) throw new Refused('overQuota')
    const changedAt = row.reserved > 0 ? row.changedAt : this.engine.now()
    this.#putTopic({ ...row, reserved: row.reserved + added, changedAt })
    this.#commit(author, topicKey(clusterId, name), [], clusterId)
    return added
  }

  recordTopic(clusterId: string, made: ListedTopic, reserved: number): void {
    const row = this.topics.get(topicKey(clusterId, made.name))
    if (row === undefined) return
    this.#putTopic({
      ...row,
      partitions: Math.max(row.partitions, made.partitionsCount),
      replicationFactor: made.replicationFactor,
      reserved: Math.max(0, row.reserved - reserved),
      changedAt: this.engine.now(),
    })
  }

  giveBackPartitions(clusterId: string, name: string, reserved: number): void {
    const row = this.topics.get(topicKey(clusterId, name))
    if (row !== undefined) this.#putTopic({ ...row, reserved: Math.max(0, row.reserved - reserved) })
  }

  /** Whether there was a cluster to record it of. */
  recordDeletedTopic(author: Author, clusterId: string, name: string, begunAt: number): boolean {
    if (this.clusters.get(clusterId)?.deleted !== false) return false
    const row = this.#topic(clusterId, name)
    const isOlder = (row.changedAt ?? -Infinity) < begunAt
    const left = isOlder ? { partitions: 0, replicationFactor: 0 } : {}
    this.#putTopic({ ...row, ...left, changedAt: this.engine.now() })
    this.#commit(author, topicKey(clusterId, name), [], clusterId)
    return true
  }

  catalogueOf(clusterId: string): CatalogueEntry[] {
    return this.topicsOf(clusterId).map(({ name, partitions, replicationFactor, reserved, changedAt = -Infinity }) => ({
      name,
      partitionsCount: partitions,
      replicationFactor,
      reservedPartitions: reserved,
      settling: changedAt > this.engine.now() - (reserved > 0 ? 60_000 : 5000),
    }))
  }

  correctCatalogue(
    clusterId: string,
    { topics, gone }: { topics: readonly ListedTopic[]; gone: readonly string[] },
    readAt: number,
  ): void {
    const isOlder = ({ changedAt = -Infinity }: TopicRow) => changedAt < readAt
    for (const row of this.topicsOf(clusterId)) {
      if (gone.includes(row.name) && isOlder(row)) this.topics.delete(topicKey(clusterId, row.name))
    }
    if (this.clusters.get(clusterId)?.deleted !== false) return
    for (const { name, partitionsCount, replicationFactor } of topics) {
      const row = this.#topic(clusterId, name)
      if (isOlder(row)) this.#putTopic({ ...row, partitions: partitionsCount, replicationFactor, reserved: 0 })
    }
  }

  /** What a worker does to the keys that have expired: nobody asked, so nothing is audited. */
  endExpiredKeys(clusterId: string): void {
    const expired = this.keysOf(clusterId).filter(
      ({ deleted, expiresAt }) => !deleted && expiresAt !== undefined && expiresAt <= this.engine.now(),
    )
    for (const key of expired) this.keys.set(key.id, { ...key, deleted: true, revision: ++this.revision })
    const row = this.engine.read({ kind: accessKind, id: clusterId })
    if (expired.length === 0 || row === undefined) return
    this.engine.put({ ...row, generation: row.generation + 1n, nextCheckAt: this.engine.now() })
  }

  /** What the brokers of a cluster are is decided once, whoever comes again. */
  prepare(id: string, { formation, brokers }: Pick<ClusterRow, 'formation' | 'brokers'>): void {
    const known = this.clusters.get(id)
    this.update(id, {
      formation: known?.formation ?? formation,
      brokers: known === undefined || known.brokers.length === 0 ? brokers : known.brokers,
    })
  }

  update(id: string, change: Partial<ClusterRow>): void {
    const cluster = this.clusters.get(id)
    if (cluster === undefined) throw new Error(`no cluster ${id}`)
    this.clusters.set(id, { ...cluster, ...change })
  }

  clustersIn(environmentId: string): number {
    return [...this.clusters.values()].filter((cluster) => !cluster.deleted && cluster.environmentId === environmentId)
      .length
  }

  keysOf(clusterId: string): KeyRow[] {
    return [...this.keys.values()].filter((key) => key.clusterId === clusterId)
  }

  liveKeysOf(clusterId: string): number {
    return this.keysOf(clusterId).filter(({ deleted }) => !deleted).length
  }

  topicsOf(clusterId: string): TopicRow[] {
    return [...this.topics.values()].filter((topic) => topic.clusterId === clusterId)
  }

  /** As triggers count them. */
  usedPartitions(clusterId: string): number {
    return this.topicsOf(clusterId).reduce((sum, { name }) => sum + this.countedOf(clusterId, name), 0)
  }

  countedOf(clusterId: string, name: string): number {
    const { partitions, reserved } = this.#topic(clusterId, name)
    return partitions + reserved
  }

  /** The row, or a new one. */
  #topic(clusterId: string, name: string): TopicRow {
    const blank = { clusterId, name, partitions: 0, replicationFactor: 0, reserved: 0, changedAt: undefined }
    return this.topics.get(topicKey(clusterId, name)) ?? blank
  }

  #putTopic(row: TopicRow): void {
    this.topics.set(topicKey(row.clusterId, row.name), row)
  }

  #existing(id: string): ClusterRow {
    const cluster = this.clusters.get(id)
    if (cluster === undefined || cluster.deleted) throw new Refused('notFound')
    return cluster
  }

  #commit({ requestId, operation }: Author, resourceId: string, kinds: readonly string[], desired: string): void {
    this.engine.desire(kinds, desired, organizationId)
    this.engine.audit({ requestId, operation, resourceId })
  }
}

/** What audit rows call a topic, too. */
const topicKey = (clusterId: string, name: string) => `${clusterId}/topic=${name}`

import type { Availability, Phase } from '@tributary/domain/kafkaCluster/spec'
import { accessKind, clusterKind, configurationKind, topicsKind } from '@tributary/control/kafkaClusters/kafkaCluster'
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

/** Service quotas: clusters of an environment, keys of a cluster. */
export interface Limits {
  clusters: number
  keys: number
}

/** A change that is refused commits nothing. */
export class Refused extends Error {
  constructor(reason: 'notFound' | 'overQuota') {
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

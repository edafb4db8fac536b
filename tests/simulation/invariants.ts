import type { Lease } from '@tributary/database/lease'
import { accessKind, configurationKind } from '@tributary/control/kafkaClusters/kafkaCluster'
import { brokersFor } from '@tributary/domain/kafkaCluster/brokers'
import { isDeepStrictEqual } from 'node:util'
import { clusterKinds, type ClusterRow } from './controlTables.ts'
import type { ResourceRow } from './engineTables.ts'
import type { BrokerFile } from './kafka.ts'
import type { World } from './world.ts'

export type Promised =
  | 'nothing that was asked for is lost'
  | 'no two members with one identity'
  | 'nothing deleted comes back'
  | 'observed_generation never falls'
  | 'one audit row for each change'
  | 'no quota is exceeded'
  | 'nothing is written under a stale token'
  | 'one holds the lease'
  | 'tokens only grow'
  | 'settled is settled'
  | 'no bug'

/** What became of a request, as far as its client knows. */
export type Outcome = 'done' | 'refused' | 'unknown'

interface Holder {
  token: bigint
  /** By what the store granted. */
  untilMs: number
}

/**
 * Watches a world from outside and knows by itself who may do what: the tables are asked what happened, never whether
 * that was right.
 */
export class Invariants {
  readonly problems: string[] = []
  readonly outcomes = new Map<string, Outcome>()
  readonly #world: World
  readonly #holders = new Map<string, Holder>()
  /** Keys of which brokers know that they are deleted. */
  readonly #buried = new Set<string>()

  constructor(world: World) {
    this.#world = world
    const { engine, machines } = world
    engine.onChange = (before, after) => this.#rowChanged(before, after)
    machines.onStart = (name, member) => this.#started(name, member)
    machines.onPublish = (name) => this.#published(name)
    this.#watchLeases()
    this.#watchOrchestrator()
    this.#watchListings()
  }

  broken(promise: Promised, what: string): void {
    this.#world.time.note(`BROKEN: ${promise}: ${what}`)
    this.problems.push(`${promise}: ${what}`)
  }

  /** After each request that arrived. */
  quotasHold(): void {
    const { control, limits } = this.#world
    for (const { id, environmentId, deleted } of control.clusters.values()) {
      if (deleted) continue
      const [clusters, keys] = [control.clustersIn(environmentId), control.liveKeysOf(id)]
      if (clusters > limits.clusters) this.broken('no quota is exceeded', `${clusters} clusters`)
      if (keys > limits.keys) this.broken('no quota is exceeded', `${keys} keys of ${id}`)
      this.#partitionsAreCounted(id)
    }
  }

  /**
   * What the control plane makes in Kafka counts before it is there, so however many ask at once, they never pass the
   * quota. What clients make past the control plane nobody can refuse: it counts when a listing tells, beyond the limit if
   * need be, and so it is no part of the sum.
   */
  #partitionsAreCounted(clusterId: string): void {
    const { control, limits, machines } = this.#world
    let sum = 0
    for (const [name, { partitions, madeBy }] of machines.topics(clusterId) ?? []) {
      if (madeBy === 'client') continue
      sum += partitions
      const counted = control.countedOf(clusterId, name)
      if (counted < partitions)
        this.broken('no quota is exceeded', `of ${partitions} partitions of ${name} of ${clusterId} ${counted} count`)
    }
    if (sum > limits.partitions) this.broken('no quota is exceeded', `${sum} partitions of ${clusterId}`)
  }

  /** One audit row for each change, and none for what was refused. */
  auditIsComplete(): void {
    const rows = Map.groupBy(this.#world.engine.audits, ({ requestId }) => requestId)
    for (const [requestId, outcome] of this.outcomes) {
      const count = rows.get(requestId)?.length ?? 0
      const isRight = outcome === 'unknown' ? count <= 1 : count === (outcome === 'done' ? 1 : 0)
      if (!isRight) this.broken('one audit row for each change', `${requestId} ${outcome}: ${count} rows`)
    }
  }

  /** What is not yet as it was asked for. */
  unsettled(): string[] {
    const { control, engine } = this.#world
    const left = [...control.clusters.values()].flatMap((cluster) =>
      cluster.deleted ? this.#leftOf(cluster) : this.#missingOf(cluster),
    )
    return engine.outbox.length > 0 ? [...left, 'the outbox is not empty'] : left
  }

  #leftOf({ id }: ClusterRow): string[] {
    const { control, engine, machines } = this.#world
    const rows = clusterKinds.filter((kind) => engine.read({ kind, id }) !== undefined)
    const workload = machines.read(id) === undefined ? [] : [`the workload of the deleted ${id} is there`]
    const topics = control.topicsOf(id).length > 0 ? [`topics of the deleted ${id} are in the catalogue`] : []
    const inKafka = machines.topics(id) === undefined ? [] : [`topics of the deleted ${id} are in Kafka`]
    return [...rows.map((kind) => `${kind}/${id} is deleted and not forgotten`), ...workload, ...topics, ...inKafka]
  }

  #missingOf(cluster: ClusterRow): string[] {
    const { engine } = this.#world
    const { id } = cluster
    const rows = clusterKinds.flatMap((kind) => {
      const row = engine.read({ kind, id })
      if (row === undefined) return [`${kind}/${id} has no row`]
      const isSettled = row.observedGeneration === row.generation && row.leaseExpiresAt === null
      return isSettled ? [] : [`${kind}/${id} observed ${row.observedGeneration} of ${row.generation}`]
    })
    const isRunning = brokersFor(cluster.availability, ['']).every((broker) =>
      this.#world.machines.answers(id, broker.id),
    )
    return [
      ...rows,
      ...(cluster.phase === 'PROVISIONED' ? [] : [`${id} is ${cluster.phase}`]),
      ...(isRunning ? [] : [`not every broker of ${id} answers`]),
      ...this.#accessProblems(id),
      ...this.#configurationProblems(cluster),
      ...this.#catalogueProblems(id),
    ]
  }

  #accessProblems(id: string): string[] {
    const { control, machines } = this.#world
    const wanted = new Set(control.keysOf(id).flatMap((key) => (key.deleted ? [] : [key.id])))
    const accepted = machines.accepted(id) ?? new Set()
    const wrong = [...wanted.symmetricDifference(accepted)]
    return wrong.map((key) => `brokers of ${id} ${wanted.has(key) ? 'refuse' : 'accept'} ${key}`)
  }

  #configurationProblems({ id, brokerConfigs }: ClusterRow): string[] {
    const there = this.#world.machines.brokerConfigs(id) ?? {}
    return isDeepStrictEqual({ ...there }, { ...brokerConfigs }) ? [] : [`${id} has other settings than desired`]
  }

  /** The catalogue holds what Kafka has, and nothing is reserved any more. */
  #catalogueProblems(id: string): string[] {
    const { control, machines } = this.#world
    const known = new Map(control.topicsOf(id).map(({ name, partitions, reserved }) => [name, [partitions, reserved]]))
    const there = new Map([...(machines.topics(id) ?? [])].map(([name, { partitions }]) => [name, [partitions, 0]]))
    return isDeepStrictEqual(known, there) ? [] : [`the catalogue of ${id} is not what Kafka has`]
  }

  #watchLeases() {
    const { engine } = this.#world
    const nowMs = () => this.#world.time.nowMs
    const wrote = (lease: Lease, what: string, { inTime }: { inTime: boolean }) => {
      const holder = this.#holders.get(name(lease))
      const isStale = holder?.token !== lease.token || (inTime && holder.untilMs <= nowMs())
      if (isStale) this.broken('nothing is written under a stale token', `${what} ${name(lease)}@${lease.token}`)
    }
    const letGo = (lease: Lease) => this.#holders.set(name(lease), { token: lease.token, untilMs: -1 })
    const { acquire, renew, write, release, forget, beginStep } = bound(engine)
    engine.acquire = (kind, id, by, ttlMs) => {
      const lease = acquire(kind, id, by, ttlMs)
      if (lease !== undefined) this.#acquired(lease, ttlMs)
      return lease
    }
    engine.renew = (lease, ttlMs) => {
      const renewed = renew(lease, ttlMs)
      if (renewed) wrote(lease, 'renew', { inTime: true })
      if (renewed) this.#holders.set(name(lease), { token: lease.token, untilMs: nowMs() + ttlMs })
      return renewed
    }
    engine.write = (lease, work) =>
      write(lease, () => {
        wrote(lease, 'write', { inTime: true })
        return work()
      })
    engine.beginStep = (lease, step) => {
      const sequence = beginStep(lease, step)
      if (sequence !== undefined) wrote(lease, `begin ${step} of`, { inTime: true })
      return sequence
    }
    engine.release = (lease, result) => {
      const released = release(lease, result)
      if (released === undefined) return released
      wrote(lease, 'release', { inTime: false })
      letGo(lease)
      if (result.settled) this.#settled(lease)
      return released
    }
    engine.forget = (lease) => {
      const forgotten = forget(lease)
      if (forgotten) wrote(lease, 'forget', { inTime: false })
      if (forgotten) letGo(lease)
      return forgotten
    }
  }

  #watchOrchestrator() {
    const { orchestrator } = this.#world
    const apply = orchestrator.apply.bind(orchestrator)
    const remove = orchestrator.remove.bind(orchestrator)
    /** The latest that applied, by workload. */
    const tokens = new Map<string, number>()
    orchestrator.apply = async (manifest, token) => {
      await apply(manifest, token)
      const latest = tokens.get(manifest.name) ?? token
      if (token < latest) this.broken('nothing is written under a stale token', `apply ${manifest.name}@${token}`)
      tokens.set(manifest.name, Math.max(token, latest))
    }
    orchestrator.remove = async (name, options) => {
      tokens.delete(name)
      await remove(name, options)
    }
  }

  #watchListings() {
    const { control } = this.#world
    const correct = control.correctCatalogue.bind(control)
    control.correctCatalogue = (id, corrections, readAt) => {
      correct(id, corrections, readAt)
      if (control.clusters.get(id)?.deleted === false) this.#partitionsAreCounted(id)
    }
  }

  #acquired({ kind, id, token }: Lease, ttlMs: number) {
    const { nowMs } = this.#world.time
    const before = this.#holders.get(`${kind}/${id}`)
    if (before !== undefined && before.token >= token) this.broken('tokens only grow', `${kind}/${id}@${token}`)
    if (before !== undefined && before.untilMs >= nowMs) this.broken('one holds the lease', `${kind}/${id}@${token}`)
    this.#holders.set(`${kind}/${id}`, { token, untilMs: nowMs + ttlMs })
  }

  #rowChanged(before: ResourceRow | undefined, after: ResourceRow | undefined) {
    if (before === undefined || after === undefined) return
    const name = `${after.kind}/${after.id}`
    if (after.observedGeneration < before.observedGeneration)
      this.broken('observed_generation never falls', `${name} from ${before.observedGeneration}`)
    if (after.observedGeneration > after.generation || after.generation < before.generation)
      this.broken('observed_generation never falls', `${name} is ahead of its generation`)
  }

  /** What is said to be settled is so, unless somebody changed it since. */
  #settled({ kind, id }: Lease) {
    const { control, machines, time } = this.#world
    const cluster = control.clusters.get(id)
    if (cluster === undefined || cluster.deleted) return this.broken('settled is settled', `${kind}/${id} is deleted`)
    const problems: string[] = []
    if (cluster.phase !== 'PROVISIONED') problems.push(`${id} is not provisioned`)
    if (kind === accessKind) problems.push(...this.#accessProblems(id))
    if (kind === accessKind) this.#published(id)
    const drifted = machines.driftedAt(id) > time.nowMs - 4 * this.#world.leaseTtlMs - 10_000
    if (kind === configurationKind && !drifted) problems.push(...this.#configurationProblems(cluster))
    for (const problem of problems) this.broken('settled is settled', `${kind}: ${problem}`)
  }

  /** What brokers refuse as deleted, they never accept again. */
  #published(name: string) {
    const { control, machines } = this.#world
    const accepted = machines.accepted(name) ?? new Set()
    for (const { id, deleted } of control.keysOf(name)) {
      if (accepted.has(id) && this.#buried.has(id))
        this.broken('nothing deleted comes back', `brokers accept ${id} again`)
      if (deleted && !accepted.has(id)) this.#buried.add(id)
    }
  }

  #started(name: string, { id, file, isEmpty }: { id: number; file: BrokerFile; isEmpty: boolean }) {
    const { control } = this.#world
    const cluster = control.clusters.get(name)
    const identity = cluster?.brokers.find((broker) => broker.id === id)
    const isSame =
      cluster?.formation?.kafkaClusterId === file.kafkaClusterId && identity?.directoryId === file.directoryId
    if (!isSame) this.broken('no two members with one identity', `${name}/${id} started as somebody else`)
    if (file.formation === 'found' && isEmpty && cluster?.formation?.state === 'formed' && !cluster.deleted)
      this.broken('no two members with one identity', `${name}/${id} founds a second quorum`)
  }
}

const name = ({ kind, id }: Pick<Lease, 'kind' | 'id'>) => `${kind}/${id}`

/** The methods as they are now, whatever becomes of them. */
function bound(engine: World['engine']) {
  return {
    acquire: engine.acquire.bind(engine),
    renew: engine.renew.bind(engine),
    write: engine.write.bind(engine),
    release: engine.release.bind(engine),
    forget: engine.forget.bind(engine),
    beginStep: engine.beginStep.bind(engine),
  }
}

import { deepEqual } from 'node:assert/strict'
import type { Prisma } from '@tributary/database/database'
import type { Lease } from '@tributary/database/lease'
import type { TestDatabase } from '@tributary/testkit/database'
import { modelStore, outcomeOf, type ModelStore, type Store } from './bothStores.ts'
import { clusterKinds, type Author } from './controlTables.ts'
import { leftInModel, leftInPostgres } from './leftInStores.ts'
import { Random } from './random.ts'

/** What a sequence does to Postgres past the store. */
interface Access {
  test: TestDatabase
  prisma: Prisma
  limit: (quota: string, scope: string, atMost: number) => Promise<unknown>
}

const likelihood = {
  createCluster: 2,
  deleteCluster: 1,
  createKey: 3,
  deleteKey: 1,
  republishAccess: 1,
  reservePartitions: 5,
  recordTopic: 3,
  giveBackPartitions: 1,
  recordDeletedTopic: 2,
  readCatalogue: 4,
  correctCatalogue: 2,
  acquire: 8,
  renew: 2,
  release: 5,
  forget: 2,
  begin: 5,
  finish: 3,
  write: 2,
  due: 2,
  touch: 2,
  drain: 2,
  advance: 4,
}

/** Steps of time, waits and the lease differ by 10 s at least, so the time that Postgres itself takes decides nothing. */
export const stepMs = 40_000
/** How old a listing or a deletion is: between two steps of time. */
const agesMs = [20_000, 60_000, 100_000]
const topicNames = ['a', 'b']
const waitsMs = [0, 70_000, 3_600_000]
export const limits = { clusters: 2, keys: 2, partitions: 6 }

interface Leases {
  postgres: Lease
  model: Lease
  steps: { postgres: bigint; model: bigint }[]
}

/** One random sequence of calls, made to both stores. Every answer is compared, and in the end all that is left. */
export class Sequence {
  readonly #random: Random
  readonly #postgres: Store
  readonly #model: ModelStore = modelStore(limits)
  readonly #seed: number
  readonly #clusters: string[] = []
  readonly #keys: { id: string; clusterId: string }[] = []
  readonly #leases: Leases[] = []
  #calls = 0

  readonly #access: Access

  constructor(seed: number, postgres: Store, access: Access) {
    this.#seed = seed
    this.#access = access
    this.#random = new Random(seed)
    this.#postgres = postgres
  }

  async run(calls: number): Promise<void> {
    for (let call = 0; call < calls; call++) await this.#next()
    const inPostgres = await leftInPostgres(this.#access.test, this.#clusters, `${this.#seed}-%`)
    deepEqual(inPostgres, leftInModel(this.#model.engine, this.#model.control))
    await this.#access.test.query('DELETE FROM outbox')
  }

  async #next(): Promise<void> {
    const random = this.#random
    const operation = this.#clusters.length === 0 ? 'createCluster' : random.weighted(likelihood)
    const author = { requestId: `${this.#seed}-${++this.#calls}`, operation }
    const cluster = random.pick(this.#clusters) ?? ''
    const key = random.pick(this.#keys)
    const kind = random.pick(clusterKinds) ?? ''
    const leases = random.chance(0.8) ? this.#leases.at(-1) : random.pick(this.#leases)
    switch (operation) {
      case 'createCluster': {
        const made = await outcomeOf(this.#postgres.createCluster(author, ''))
        const id = 'value' in made ? made.value : 'lkc-none'
        deepEqual(await outcomeOf(this.#model.createCluster(author, id)), made)
        if ('refused' in made) return
        this.#clusters.push(id)
        await this.#access.limit('kafka.max_api_keys.per_cluster', id, limits.keys)
        await this.#access.limit('kafka.max_partitions.per_cluster', id, limits.partitions)
        return
      }
      case 'createKey': {
        const made = await outcomeOf(this.#postgres.createKey(author, '', cluster))
        const id = 'value' in made ? made.value : 'none'
        deepEqual(await outcomeOf(this.#model.createKey(author, id, cluster)), made)
        if ('value' in made) this.#keys.push({ id, clusterId: cluster })
        return
      }
      case 'deleteKey':
        if (key === undefined) return
        return this.#both((store) => store.deleteKey(author, key.id, key.clusterId))
      case 'deleteCluster':
        return this.#both((store) => store.deleteCluster(author, cluster))
      case 'republishAccess':
        return this.#both((store) => store.republishAccess(author, cluster))
      case 'reservePartitions':
      case 'recordTopic':
      case 'giveBackPartitions':
      case 'recordDeletedTopic':
      case 'readCatalogue':
      case 'correctCatalogue':
        return this.#changeTopics(operation, author, cluster)
      case 'acquire':
        return this.#acquire(kind, cluster)
      case 'due':
        return this.#both(async ({ leases: { due } }, { leases: own }) => {
          const rows = await due.call(own, clusterKinds, 1000)
          return rows
            .filter(({ id }) => this.#clusters.includes(id))
            .map(({ kind, id }) => `${kind}/${id}`)
            .toSorted()
        })
      case 'touch':
        return this.#both((store) => store.leases.touch(kind, [cluster]))
      case 'drain':
        return this.#drain(random.chance(0.3))
      case 'advance':
        await this.#access.prisma.$executeRaw`
          UPDATE resources
          SET next_check_at = next_check_at - ${stepMs}::integer * interval '1 ms',
              lease_expires_at = lease_expires_at - ${stepMs}::integer * interval '1 ms'
          WHERE id = ANY(${this.#clusters}::text[])`
        await this.#access.prisma.$executeRaw`
          UPDATE kafka_topics SET changed_at = changed_at - ${stepMs}::integer * interval '1 ms'
          WHERE cluster_id = ANY(${this.#clusters}::text[])`
        return this.#model.advance(stepMs)
      case 'renew':
      case 'release':
      case 'forget':
      case 'begin':
      case 'finish':
      case 'write':
        return leases === undefined ? undefined : this.#underLease(operation, leases)
    }
  }

  async #changeTopics(operation: string, author: Author, cluster: string): Promise<void> {
    const random = this.#random
    const name = random.pick(topicNames) ?? ''
    const [partitionsCount, reserved] = [1 + random.below(3), random.below(4)]
    const agoMs = random.pick(agesMs) ?? 0
    switch (operation) {
      case 'reservePartitions': {
        const topic = { name, partitionsCount, isNew: random.chance(0.7) }
        return this.#both((store) => store.reservePartitions(author, cluster, topic))
      }
      case 'recordTopic': {
        const topic = { name, partitionsCount, replicationFactor: 1 + random.below(3) }
        return this.#both((store) => store.recordTopic(cluster, topic, reserved))
      }
      case 'giveBackPartitions':
        return this.#both((store) => store.giveBackPartitions(cluster, name, reserved))
      case 'recordDeletedTopic':
        return this.#both((store) => store.recordDeletedTopic(author, cluster, name, agoMs))
      case 'readCatalogue':
        return this.#both(async (store) =>
          (await store.readCatalogue(cluster)).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        )
      case 'correctCatalogue': {
        const corrections = {
          topics: [{ name, partitionsCount, replicationFactor: 1 }],
          gone: topicNames.filter((other) => other !== name && random.chance(0.5)),
        }
        return this.#both((store) => store.correctCatalogue(cluster, corrections, agoMs))
      }
    }
  }

  async #underLease(operation: string, leases: Leases): Promise<void> {
    const random = this.#random
    const step = random.pick(leases.steps)
    switch (operation) {
      case 'renew':
        return this.#both((store, _, of) => store.leases.renew(of(leases)))
      case 'release': {
        const result = {
          conditions: [{ type: 'Ready', n: random.below(9) }],
          settled: random.chance(0.5),
          failures: random.below(3),
          checkAfterMs: random.pick(waitsMs) ?? 0,
        }
        return this.#goOn(leases, (store, of) => store.leases.release(of(leases), result))
      }
      case 'forget':
        return this.#goOn(leases, (store, of) => store.leases.forget(of(leases)))
      case 'begin': {
        const name = random.pick(['build', 'await']) ?? ''
        const [postgres, model] = await this.#answers((store, of) => store.steps.begin(of(leases), name))
        deepEqual('value' in model, 'value' in postgres)
        if ('value' in postgres && 'value' in model) {
          leases.steps.push({ postgres: postgres.value, model: model.value })
        }
        return
      }
      case 'finish': {
        if (step === undefined) return
        const error = random.chance(0.5) ? { reason: 'R', message: 'm' } : undefined
        const finish = ({ steps }: Store, lease: Lease, sequence: bigint) =>
          error === undefined ? steps.complete(lease, sequence) : steps.fail(lease, sequence, error)
        await finish(this.#postgres, leases.postgres, step.postgres)
        return finish(this.#model, leases.model, step.model)
      }
      case 'write':
        return this.#both((store, _, of) => store.leases.fenced(of(leases), () => Promise.resolve('written')))
    }
  }

  async #acquire(kind: string, id: string): Promise<void> {
    const [postgres, model] = await this.#answers((store) => store.leases.acquire(kind, id, 'holder'))
    if (!('value' in postgres && 'value' in model)) throw new Error('acquiring was refused')
    deepEqual(withoutToken(model.value), withoutToken(postgres.value))
    if (postgres.value !== undefined && model.value !== undefined) {
      this.#leases.push({ postgres: postgres.value, model: model.value, steps: [] })
    }
  }

  /** Under the same lease, where there is more to do. */
  async #goOn(leases: Leases, act: (store: Store, of: (leases: Leases) => Lease) => Promise<unknown>): Promise<void> {
    const [postgres, model] = await this.#answers(act)
    deepEqual(rounded(model), rounded(postgres))
    const left = 'value' in postgres ? postgres.value : undefined
    if (typeof left !== 'object' || left === null || !('lookAgainAt' in left)) return
    const generation = left.lookAgainAt as bigint
    leases.postgres = { ...leases.postgres, generation }
    leases.model = { ...leases.model, generation }
  }

  async #drain(fails: boolean): Promise<void> {
    await this.#both(async (store) => {
      const delivered: string[] = []
      const drained = store.outbox.drain(5, async (pointers) => {
        delivered.push(...pointers.map(({ kind, id }) => `${kind}/${id}`).toSorted())
        if (fails) throw new Error('not delivered')
      })
      return [await drained.catch(() => 'failed'), delivered.length]
    })
  }

  async #both(act: (store: Store, same: Store, of: (leases: Leases) => Lease) => Promise<unknown>): Promise<void> {
    const [postgres, model] = await this.#answers((store, of) => act(store, store, of))
    deepEqual(model, postgres)
  }

  async #answers<Value>(act: (store: Store, of: (leases: Leases) => Lease) => Promise<Value>) {
    return [
      await outcomeOf(act(this.#postgres, ({ postgres }) => postgres)),
      await outcomeOf(act(this.#model, ({ model }) => model)),
    ] as const
  }
}

const withoutToken = (lease: Lease | undefined) =>
  lease === undefined ? lease : { ...lease, token: undefined, organizationId: undefined }

const rounded = (outcome: unknown) =>
  JSON.stringify(outcome, (name, value: unknown) => {
    if (typeof value === 'bigint') return Number(value)
    return name === 'afterMs' ? Math.round(Number(value) / 10_000) : value
  })

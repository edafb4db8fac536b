import { correctionsOf } from '@tributary/control/access/compareAccess'
import { accessKind, configurationKind, topicsKind } from '@tributary/control/kafkaClusters/kafkaCluster'
import { planAccess, type AccessStep } from '@tributary/domain/access/planAccess'
import {
  planKafkaConfiguration,
  type KafkaConfigurationStep,
} from '@tributary/domain/kafkaConfiguration/planKafkaConfiguration'
import { planTopicCatalogue, type TopicCatalogueStep } from '@tributary/domain/topicCatalogue/planTopicCatalogue'
import type { Outcome, Reconciler } from '@tributary/engine/reconciler'
import { assertNever } from '@tributary/kit/assertNever'
import type { AccessRecord } from '@tributary/kafka/accessTopic'
import type { ClusterRow, KeyRow } from './controlTables.ts'
import { listedTopic } from './kafka.ts'
import type { SimulatedProcess } from './simulatedProcess.ts'
import type { World } from './world.ts'

const compareEveryMs = 3_600_000
const awaitCluster: Outcome = { next: 'checkAgain', afterMs: 60_000, waitingFor: 'the cluster to be provisioned' }
const goOn: Outcome = { next: 'continue' }

/** The real planner, and an executor with the calls, the order and the fences of `accessReconciler`. */
export function accessReconciler(process: SimulatedProcess, world: World): Reconciler {
  const { call } = process
  const { control, engine, machines } = world
  const compared = new Set<string>()
  /** Producers that stay open, by cluster: the epochs they have. */
  const kept = new Map<string, number>()

  const load = async (id: string, desiredGeneration: bigint) => {
    const cluster = await call(`load access of ${id}`, () => existing(world, id))
    const { publication, deleted, phase } = cluster
    const expiries = control.keysOf(id).flatMap((key) => (key.deleted ? [] : [key.expiresAt ?? Infinity]))
    const keyExpiresInMs = Math.min(compareEveryMs, ...expiries.map((at) => Math.ceil(at - engine.now())))
    return {
      cluster,
      publication,
      desiredGeneration,
      observed: {
        deleted,
        provisioned: phase === 'PROVISIONED',
        behind: publication.generation < desiredGeneration,
        republishRequested: publication.republishRequestedAt !== undefined,
        compared: compared.has(id),
        compareInMs: compareEveryMs - Math.ceil(engine.now() - (publication.verifiedAt ?? -Infinity)),
        keyExpiresInMs: expiries.some((at) => at < Infinity) ? keyExpiresInMs : undefined,
      },
    }
  }
  type State = Awaited<ReturnType<typeof load>>

  const publish = async (id: string, read: () => Promise<readonly AccessRecord[]>) => {
    const epoch = kept.get(id)
    kept.delete(id)
    if (epoch !== undefined && (await attempt(id, epoch, read).catch(() => false))) return
    await attempt(id, await call(`open a producer for ${id}`, () => machines.beginProducer(id)), read)
  }
  const attempt = async (id: string, epoch: number, read: () => Promise<readonly AccessRecord[]>): Promise<true> => {
    const records = await read()
    if (records.length > 0) await call(`publish to ${id}`, () => machines.publish(id, epoch, records), { slowness: 10 })
    kept.set(id, epoch)
    return true
  }
  const record = (id: string, { desiredGeneration }: State, revision: bigint) => {
    const { publication } = existing(world, id)
    const published = {
      ...publication,
      revision: later(publication.revision, revision),
      generation: later(publication.generation, desiredGeneration),
    }
    control.update(id, { publication: published })
    return published
  }

  return {
    kind: accessKind,
    concurrency: 8,
    load: ({ id, generation }) => load(id, generation),
    plan: (state) => planAccess((state as State).observed),
    async execute(planned, loaded, { lease, fenced }): Promise<Outcome> {
      const state = loaded as State
      const step = planned as AccessStep
      const { id } = lease
      switch (step.do) {
        case 'publish': {
          let revision = state.publication.revision
          await publish(id, async () => {
            const after = state.publication.revision
            const keys = await call(`read keys of ${id}`, () =>
              control.keysOf(id).filter((key) => key.revision > after),
            )
            for (const key of keys) if (key.revision > revision) revision = key.revision
            return keys.map((key) => recordOf(key))
          })
          await fenced(() => Promise.resolve(void record(id, state, revision)))
          return goOn
        }
        case 'compare':
        case 'republish': {
          const everything = step.do === 'republish'
          let revision = -1n
          await publish(id, async () => {
            const published = await call(`read the topic of ${id}`, () => new Map(machines.inside(id).access))
            return fenced(() => {
              const wanted = control.keysOf(id).map((key) => recordOf(key))
              const records = correctionsOf(wanted, published, { everything })
              revision = ++control.revision
              return Promise.resolve(records.map(({ key, content }) => ({ key, revision: Number(revision), content })))
            })
          })
          await fenced(() => {
            const publication = { ...record(id, state, revision), verifiedAt: engine.now() }
            const isAnswered = everything && publication.republishRequestedAt === state.publication.republishRequestedAt
            control.update(id, {
              publication: isAnswered ? { ...publication, republishRequestedAt: undefined } : publication,
            })
            return Promise.resolve()
          })
          compared.add(id)
          return goOn
        }
        case 'endExpiredKeys':
          await fenced(() => Promise.resolve(control.endExpiredKeys(id)))
          return goOn
        case 'awaitCluster':
          return awaitCluster
        case 'forget':
          compared.delete(id)
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

/** The real planner of what brokers are told besides, and the calls of its executor. */
export function configurationReconciler(process: SimulatedProcess, world: World): Reconciler {
  const { call } = process
  const { machines } = world
  const load = async (id: string) => {
    const cluster = await call(`load configuration of ${id}`, () => existing(world, id))
    const { deleted, phase, brokerConfigs } = cluster
    const desired = { deleted, provisioned: phase === 'PROVISIONED', quotas: [], brokerConfigs }
    if (deleted || !desired.provisioned) return { desired, observed: undefined }
    const observed = await call(`describe ${id}`, () => ({ ...machines.inside(id).brokerConfigs }))
    return { desired, observed: { quotas: [], brokerConfigs: observed } }
  }
  type State = Awaited<ReturnType<typeof load>>
  return {
    kind: configurationKind,
    concurrency: 4,
    load: ({ id }) => load(id),
    plan: (state) => planKafkaConfiguration((state as State).desired, (state as State).observed),
    async execute(planned, _state, { lease }): Promise<Outcome> {
      const step = planned as KafkaConfigurationStep
      const { id } = lease
      switch (step.do) {
        case 'awaitCluster':
          return awaitCluster
        case 'setBrokerConfigs':
          await call(`set configs of ${id}`, () => void Object.assign(machines.inside(id).brokerConfigs, step.configs))
          return goOn
        case 'removeBrokerConfigs':
          await call(`remove configs of ${id}`, () => {
            const { brokerConfigs } = machines.inside(id)
            for (const name of step.names) delete brokerConfigs[name]
          })
          return goOn
        case 'setClientQuotas':
        case 'removeClientQuotas':
          throw new TypeError('there are no client quotas here')
        case 'forget':
          return { next: 'forget' }
        case 'settled':
          return { next: 'settled', driftCheckAfterMs: 45_000 }
        default:
          return assertNever(step)
      }
    },
  }
}

/** The real planner, and an executor with the calls, the order and the fences of `topicCatalogueReconciler`. */
export function topicsReconciler(process: SimulatedProcess, world: World): Reconciler {
  const { call } = process
  const { control, engine, machines } = world
  const load = async (id: string) => {
    const { deleted, phase } = await call(`load topics of ${id}`, () => existing(world, id))
    const cluster = { deleted, provisioned: phase === 'PROVISIONED' }
    if (deleted || !cluster.provisioned) return { cluster, entries: [], listed: undefined, readAt: 0 }
    const readAt = await call('read the clock', () => engine.now())
    const entries = await call(`read the catalogue of ${id}`, () => control.catalogueOf(id))
    const listed = await call(
      `list topics of ${id}`,
      () => [...machines.inside(id).topics].map(([name, { partitions }]) => listedTopic(name, partitions)),
      { slowness: 20 },
    )
    return { cluster, entries, listed, readAt }
  }
  type State = Awaited<ReturnType<typeof load>>
  return {
    kind: topicsKind,
    concurrency: 4,
    load: ({ id }) => load(id),
    plan: (state) => {
      const { cluster, entries, listed } = state as State
      return planTopicCatalogue(cluster, entries, listed)
    },
    async execute(planned, state, { lease, fenced }): Promise<Outcome> {
      const step = planned as TopicCatalogueStep
      const { readAt } = state as State
      switch (step.do) {
        case 'awaitCluster':
          return awaitCluster
        case 'correctCatalogue':
          await fenced(() => Promise.resolve(control.correctCatalogue(lease.id, step, readAt)))
          return goOn
        case 'forget':
          return { next: 'forget' }
        case 'settled':
          return { next: 'settled', driftCheckAfterMs: 30_000 }
        default:
          return assertNever(step)
      }
    },
  }
}

const later = (a: bigint, b: bigint) => (a > b ? a : b)

const recordOf = ({ id, revision, deleted }: KeyRow): AccessRecord => ({
  key: `key/${id}`,
  revision: Number(revision),
  content: deleted ? { deleted: true } : { owner: 'sa-1', salt: 'salt', hash: `hash of ${id}` },
})

function existing({ control }: World, id: string): ClusterRow {
  const cluster = control.clusters.get(id)
  if (cluster === undefined) throw new Error(`no cluster ${id}`)
  return cluster
}

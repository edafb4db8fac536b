import { accessKind, clusterKind, configurationKind, topicsKind } from '@tributary/control/kafkaClusters/kafkaCluster'
import { brokersFor } from '@tributary/domain/kafkaCluster/brokers'
import { planKafkaCluster, type KafkaClusterStep } from '@tributary/domain/kafkaCluster/planKafkaCluster'
import { StepFailure, type Outcome, type Reconciler } from '@tributary/engine/reconciler'
import { assertNever } from '@tributary/kit/assertNever'
import type { Orchestrator } from '@tributary/orchestrators/contract'
import type { ClusterRow } from './controlTables.ts'
import { brokerFile } from './kafka.ts'
import type { SimulatedProcess } from './simulatedProcess.ts'
import type { World } from './world.ts'

const zones = ['zone-1', 'zone-2', 'zone-3']
const ports = [{ name: 'external', reach: 'clients' }] as const

/**
 * The real planner, and an executor with the calls, the order and the fences of `kafkaClusterReconciler`, without its
 * certificates.
 */
export function clusterReconciler(process: SimulatedProcess, orchestrator: Orchestrator, world: World): Reconciler {
  const { call, clock } = process
  const { control, engine, machines, random } = world

  const load = async (id: string) => {
    const cluster = await call(`load ${id}`, () => control.clusters.get(id))
    if (cluster === undefined) throw new Error(`no cluster ${id}`)
    const workload = await orchestrator.observe(id)
    const running = workload?.members.filter(({ state }) => state === 'running').map((member) => member.id) ?? []
    const desired = brokersFor(cluster.availability, zones)
    const asks = !cluster.deleted && cluster.formation !== undefined && desired.every((one) => running.includes(one.id))
    const readiness = asks
      ? await call(`ask ${id}`, () =>
          machines.readiness(
            id,
            desired.map((broker) => broker.id),
          ),
        )
      : 'no answer'
    return { cluster, desired, running, readiness, members: workload?.members ?? [], workload }
  }
  type State = Awaited<ReturnType<typeof load>>

  const plan = ({ cluster, desired, running, readiness, workload }: State) =>
    planKafkaCluster(
      { deleted: cluster.deleted, brokers: desired.map(({ id }) => id) },
      {
        formation: cluster.formation?.state ?? 'unformed',
        phase: cluster.phase,
        prepared: cluster.brokers.map(({ id }) => id),
        workloadExists: workload !== undefined,
        running,
        ready: readiness === 'ready',
      },
    )

  const startBrokers = async (stopped: readonly number[], { cluster, members }: State, token: bigint) => {
    const waits = stopped.map((id) => members.find((member) => member.id === id)?.startableAt?.getTime() ?? 0)
    const waitMs = Math.min(...waits) - clock.now().getTime()
    if (waitMs > 0) return waiting(waitMs, 'a broker that keeps dying')
    if (cluster.formation === undefined) throw new StepFailure('bug', 'NotPrepared', 'not prepared')
    const { state, kafkaClusterId } = cluster.formation
    const accessRevision = state === 'formed' ? await call('highest revision', () => highestRevision(cluster)) : -1
    const manifests = cluster.brokers.map(({ id, directoryId }) => ({
      id,
      zone: zones[id - 1] ?? '',
      files: brokerFile({
        kafkaClusterId,
        directoryId,
        formation: state === 'formed' ? 'join' : 'found',
        accessRevision,
      }),
      process: { mainClass: 'Broker', jvmOptions: [], arguments: [] },
    }))
    await orchestrator.apply({ name: cluster.id, runtime: 'kafka', members: manifests }, Number(token))
    return goOn
  }

  const highestRevision = ({ id }: ClusterRow) =>
    control.keysOf(id).reduce((highest, { revision }) => Math.max(highest, Number(revision)), 0)

  /** Rings for what is carried into the brokers, and out of them. */
  const ringInside = (id: string, { onlyFailed }: { onlyFailed: boolean }) => {
    for (const kind of [accessKind, configurationKind, topicsKind]) {
      const row = engine.read({ kind, id })
      const waits = row !== undefined && row.failures > 0 && row.nextCheckAt !== null && row.nextCheckAt > engine.now()
      if (row === undefined || (onlyFailed && !waits)) continue
      engine.put({ ...row, nextCheckAt: 0 })
      engine.ring(kind, id)
    }
    return Promise.resolve()
  }

  return {
    kind: clusterKind,
    concurrency: 8,
    load: ({ id }) => load(id),
    plan: (state) => plan(state as State),
    async execute(planned, loaded, { lease, fenced }): Promise<Outcome> {
      const state = loaded as State
      const step = planned as KafkaClusterStep
      const { id } = lease
      switch (step.do) {
        case 'prepareBrokers': {
          await orchestrator.reserve(id, { members: state.desired, ports: [...ports] })
          const mine = { state: 'forming', kafkaClusterId: `quorum-${random.below(1e9)}` } as const
          const brokers = state.desired.map((broker) => ({
            id: broker.id,
            directoryId: `directory-${random.below(1e9)}`,
          }))
          await fenced(() => Promise.resolve(control.prepare(id, { formation: mine, brokers })))
          return goOn
        }
        case 'startBrokers':
          return startBrokers(step.brokers, state, lease.token)
        case 'awaitBrokers':
          if (state.readiness === 'inside') await call(`ring inside ${id}`, () => ringInside(id, { onlyFailed: true }))
          return waiting(100, 'the brokers to answer')
        case 'markProvisioned':
          await fenced(() => {
            const { formation } = control.clusters.get(id) ?? {}
            if (formation === undefined) throw new Error('no formation')
            control.update(id, { phase: 'PROVISIONED', formation: { ...formation, state: 'formed' } })
            return ringInside(id, { onlyFailed: false })
          })
          return goOn
        case 'removeWorkload':
          await orchestrator.remove(id, { keepVolumes: false })
          return goOn
        case 'forget':
          return { next: 'forget' }
        case 'settled':
          await call(`ring inside ${id}`, () => ringInside(id, { onlyFailed: true }))
          return { next: 'settled', driftCheckAfterMs: 30_000 }
        default:
          return assertNever(step)
      }
    },
  }
}

const goOn: Outcome = { next: 'continue' }
const waiting = (afterMs: number, waitingFor: string): Outcome => ({ next: 'checkAgain', afterMs, waitingFor })

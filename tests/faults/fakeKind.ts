import type { Prisma } from '@tributary/database/database'
import { setTimeout as delay } from 'node:timers/promises'
import type { StepShape } from '@tributary/engine/failpoints'
import type { Outcome, Reconciler, StepContext } from '@tributary/engine/reconciler'
import type { WorkloadObservation } from '@tributary/orchestrators/contract'
import type { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'

/**
 * A kind of resource with the shape of a Kafka cluster: it reserves, starts, waits, tells its users,
 * and takes everything down again. Its machines are the fake orchestrator's.
 */
export const fakeSteps = {
  prepare: { writes: 1 },
  start: { writes: 0 },
  await: { writes: 1, waits: true },
  markReady: { writes: 1 },
  settled: { writes: 0 },
  remove: { writes: 0 },
  forget: { writes: 0 },
} as const satisfies Record<string, StepShape>
type FakeStep = { do: keyof typeof fakeSteps }

export const fakeTable = `
  CREATE TABLE fakes (
    id text PRIMARY KEY,
    deleted boolean NOT NULL DEFAULT false,
    size integer NOT NULL DEFAULT 1,
    prepared integer NOT NULL DEFAULT 0,
    looks integer NOT NULL DEFAULT 0,
    ready integer NOT NULL DEFAULT 0);
  GRANT SELECT, INSERT, UPDATE ON fakes TO tributary_worker`

interface Fake {
  id: string
  deleted: boolean
  /** How many members are wanted, have addresses, and are told to its users. */
  size: number
  prepared: number
  looks: number
  ready: number
}

interface FakeState {
  fake: Fake
  workload: WorkloadObservation | undefined
}

function plan({ fake, workload }: FakeState): FakeStep {
  if (fake.deleted) return { do: workload === undefined ? 'forget' : 'remove' }
  if (fake.prepared < fake.size) return { do: 'prepare' }
  const running = workload?.members.filter(({ state }) => state === 'running') ?? []
  if (running.length < fake.size) return { do: 'start' }
  if (fake.looks < 2 * fake.size) return { do: 'await' }
  return { do: fake.ready < fake.size ? 'markReady' : 'settled' }
}

const set = (change: string, { lease, fenced }: StepContext) =>
  fenced((transaction) => transaction.$executeRawUnsafe(`UPDATE fakes SET ${change} WHERE id = $1`, lease.id))

/** `atStep` is called when a step has begun; starting takes `startMs`. */
export function fakeReconciler(
  kind: string,
  { prisma, orchestrator, startMs }: { prisma: Prisma; orchestrator: FakeOrchestrator; startMs: number },
  atStep: (name: string) => void,
): Reconciler<FakeState, FakeStep> {
  const act = async (step: FakeStep['do'], { fake }: FakeState, context: StepContext): Promise<Outcome> => {
    const { lease } = context
    const members = Array.from({ length: fake.size }, (_, n) => ({ id: n + 1, zone: 'zone-1' }))
    switch (step) {
      case 'prepare':
        await orchestrator.reserve(lease.id, { members, ports: [{ name: 'clients', reach: 'clients' }] })
        await set(`prepared = ${fake.size}`, context)
        return { next: 'continue' }
      case 'start': {
        await delay(startMs)
        const process = { mainClass: 'Fake', jvmOptions: [], arguments: [] }
        const manifests = members.map((member) => ({ ...member, files: {}, process }))
        await orchestrator.apply({ name: lease.id, runtime: 'fake', members: manifests }, Number(lease.token))
        return { next: 'continue' }
      }
      case 'await':
        await set('looks = looks + 1', context)
        return { next: 'checkAgain', afterMs: 20, waitingFor: 'two looks for each member' }
      case 'markReady':
        await set(`ready = ${fake.size}`, context)
        return { next: 'continue' }
      case 'remove':
        await orchestrator.remove(lease.id, { keepVolumes: false })
        return { next: 'continue' }
      case 'forget':
        return { next: 'forget' }
      case 'settled':
        return { next: 'settled', driftCheckAfterMs: 60_000 }
    }
  }
  return {
    kind,
    concurrency: 4,
    async load({ id }) {
      const [fake] = await prisma.$queryRawUnsafe<Fake[]>('SELECT * FROM fakes WHERE id = $1', id)
      if (fake === undefined) throw new Error(`no fake ${id}`)
      return { fake, workload: await orchestrator.observe(id) }
    },
    plan,
    execute(step, state, context) {
      atStep(step.do)
      return act(step.do, state, context)
    },
  }
}

import type { Prisma } from '@tributary/database/database'
import type { Outcome, Reconciler, StepContext } from '@tributary/engine/reconciler'
import type { WorkloadObservation } from '@tributary/orchestrators/contract'
import type { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'

/**
 * A kind of resource with the shape of a Kafka cluster: it reserves, starts, waits, tells its users,
 * and takes everything down again. Its machines are the fake orchestrator's.
 */
export const fakeSteps = ['prepare', 'start', 'await', 'markReady', 'settled', 'remove', 'forget'] as const
type FakeStep = { do: (typeof fakeSteps)[number] }

export const fakeTable = `
  CREATE TABLE fakes (
    id text PRIMARY KEY,
    deleted boolean NOT NULL DEFAULT false,
    prepared boolean NOT NULL DEFAULT false,
    looks integer NOT NULL DEFAULT 0,
    ready boolean NOT NULL DEFAULT false);
  GRANT SELECT, UPDATE ON fakes TO tributary_worker`

interface Fake {
  id: string
  deleted: boolean
  prepared: boolean
  looks: number
  ready: boolean
}

interface FakeState {
  fake: Fake
  workload: WorkloadObservation | undefined
}

function plan({ fake, workload }: FakeState): FakeStep {
  if (fake.deleted) return { do: workload === undefined ? 'forget' : 'remove' }
  if (!fake.prepared) return { do: 'prepare' }
  if (workload?.members[0]?.state !== 'running') return { do: 'start' }
  if (fake.looks < 3) return { do: 'await' }
  return { do: fake.ready ? 'settled' : 'markReady' }
}

const set = (change: string, { lease, fenced }: StepContext) =>
  fenced((transaction) => transaction.$executeRawUnsafe(`UPDATE fakes SET ${change} WHERE id = $1`, lease.id))

/** `atStep` is called when a step has begun. */
export function fakeReconciler(
  kind: string,
  { prisma, orchestrator }: { prisma: Prisma; orchestrator: FakeOrchestrator },
  atStep: (name: string) => void,
): Reconciler<FakeState, FakeStep> {
  const members = [{ id: 1, zone: 'zone-1' }]
  const act = async (step: FakeStep['do'], context: StepContext): Promise<Outcome> => {
    const { lease } = context
    switch (step) {
      case 'prepare':
        await orchestrator.reserve(lease.id, { members, ports: [{ name: 'clients', reach: 'clients' }] })
        await set('prepared = true', context)
        return { next: 'continue' }
      case 'start': {
        const process = { mainClass: 'Fake', jvmOptions: [], arguments: [] }
        const manifests = members.map((member) => ({ ...member, files: {}, process }))
        await orchestrator.apply({ name: lease.id, runtime: 'fake', members: manifests }, Number(lease.generation))
        return { next: 'continue' }
      }
      case 'await':
        await set('looks = looks + 1', context)
        return { next: 'checkAgain', afterMs: 20, waitingFor: 'three looks' }
      case 'markReady':
        await set('ready = true', context)
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
    execute(step, _state, context) {
      atStep(step.do)
      return act(step.do, context)
    },
  }
}

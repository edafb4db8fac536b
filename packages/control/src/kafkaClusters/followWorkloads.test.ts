import type { JobQueues, LeaseStore } from '@tributary/engine/stores'
import { systemClock } from '@tributary/kit/clock'
import { createLog } from '@tributary/kit/log'
import { waitUntil } from '@tributary/kit/waitUntil'
import { MemoryMachines } from '@tributary/testkit/fakeMachines'
import { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'
import { describe, expect, it } from 'vitest'
import { followWorkloads } from './followWorkloads.ts'

describe('a look at a changed workload that fails is tried again', () => {
  it('until what a late worker brought back is taken down', async () => {
    const orchestrator = new FakeOrchestrator(new MemoryMachines(), systemClock)
    await orchestrator.reserve('lkc-late', { members: [{ id: 1, zone: 'zone-1' }], ports: [] })
    let looks = 0
    const touch = async () => {
      if (++looks < 3) throw new Error('the connection was lost')
    }
    const takenDown: string[] = []
    const stop = followWorkloads({
      orchestrator,
      resources: { touch } as unknown as LeaseStore,
      jobs: { ring: () => Promise.resolve() } as unknown as JobQueues,
      clock: systemClock,
      log: createLog('test', 'silent'),
      takeDownOrphans: async (workloads) => void takenDown.push(...workloads),
    })
    await waitUntil(() => takenDown.length > 0, { timeoutMs: 20_000, everyMs: 20, what: 'it to be taken down' })
    stop()
    expect([takenDown, looks]).toEqual([['lkc-late'], 3])
  })
})

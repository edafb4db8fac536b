import type { Pointer } from '@tributary/database/outbox'
import type { JobQueues, LeaseStore } from '@tributary/engine/stores'
import { systemClock } from '@tributary/kit/clock'
import { createLog } from '@tributary/kit/log'
import { waitUntil } from '@tributary/kit/waitUntil'
import { MemoryMachines } from '@tributary/testkit/fakeMachines'
import { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'
import { describe, expect, it } from 'vitest'
import { followWorkloads } from './followWorkloads.ts'

describe('a look at a changed workload that fails is tried again', () => {
  it('until its cluster is rung for', async () => {
    const orchestrator = new FakeOrchestrator(new MemoryMachines(), systemClock)
    await orchestrator.reserve('lkc-late', { members: [{ id: 1, zone: 'zone-1' }], ports: [] })
    let looks = 0
    const touch = async () => {
      if (++looks < 3) throw new Error('the connection was lost')
    }
    const rung: Pointer[] = []
    const stop = followWorkloads({
      orchestrator,
      resources: { touch } as unknown as LeaseStore,
      jobs: { ring: async (pointers: Pointer[]) => void rung.push(...pointers) } as unknown as JobQueues,
      clock: systemClock,
      log: createLog('test', 'silent'),
    })
    await waitUntil(() => rung.length > 0, { timeoutMs: 20_000, everyMs: 20, what: 'it to be rung for' })
    stop()
    expect([rung, looks]).toEqual([[{ kind: 'kafka-cluster', id: 'lkc-late' }], 3])
  })
})

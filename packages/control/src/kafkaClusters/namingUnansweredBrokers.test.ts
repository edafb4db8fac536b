import { classify } from '@tributary/engine/failures'
import type { Reconciler, StepContext } from '@tributary/engine/reconciler'
import { describeClientQuotas } from '@tributary/kafka/clientQuotas'
import { describe, expect, it } from 'vitest'
import { namingUnansweredBrokers } from './namingUnansweredBrokers.ts'

const lease = { kind: 'test', id: 'lkc-test' } as StepContext['lease']
const nobodyListensThere = { clientId: 'test', bootstrap: [{ host: '127.0.0.1', port: 1 }], tls: undefined }

/** How a reconciler's load that fails so is taken, after it failed a hundred times. */
async function taken(load: () => Promise<unknown>) {
  const reconciler: Reconciler = {
    kind: 'test',
    concurrency: 1,
    load,
    plan: () => ({ do: 'settled' }),
    execute: () => Promise.resolve({ next: 'continue' }),
  }
  const error: unknown = await namingUnansweredBrokers(reconciler)
    .load(lease)
    .catch((failed: unknown) => failed)
  const { kind, reason } = classify(error, 100)
  return `${kind} ${reason}`
}

describe('after a hundred failures', () => {
  it('brokers that do not answer are no bug', async () => {
    await expect(taken(() => describeClientQuotas(nobodyListensThere))).resolves.toBe('transient BrokersUnavailable')
  })

  it('everything else still is', async () => {
    await expect(taken(() => Promise.reject(new Error('of unknown cause')))).resolves.toBe('bug InternalError')
  })
})

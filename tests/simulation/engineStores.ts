import { LeaseLost, type Lease } from '@tributary/database/lease'
import type { LeaseStore, Outbox, StepStore } from '@tributary/engine/stores'
import type { EngineTables } from './engineTables.ts'
import type { Call, SimulatedProcess } from './simulatedProcess.ts'

/** What the engine calls, each statement a call of its own. */
export function leasesOn(tables: EngineTables, ttlMs: number, call: Call): LeaseStore {
  const lookAgain = async (lease: Lease) => {
    const lookAgainAt = await call(`look again at ${name(lease)}`, () => tables.lookAgain(lease))
    if (lookAgainAt === undefined) throw new LeaseLost(lease.kind, lease.id)
    return { lookAgainAt }
  }
  return {
    leaseTtlMs: ttlMs,
    acquire: (kind, id, holder) => call(`acquire ${kind}/${id}`, () => tables.acquire(kind, id, holder, ttlMs)),
    renew: (lease) => call(`renew ${name(lease)}`, () => tables.renew(lease, ttlMs)),
    release: async (lease, result) =>
      (await call(`release ${name(lease)}${result.settled ? ' settled' : ''}`, () => tables.release(lease, result))) ??
      lookAgain(lease),
    forget: async (lease) =>
      (await call(`forget ${name(lease)}`, () => tables.forget(lease))) ? 'forgotten' : lookAgain(lease),
    /** What is not done before its first `await` would not happen at once. There is no Prisma here: `work` uses tables. */
    fenced: (lease, work) =>
      call(`write under ${name(lease)}`, () => tables.write(lease, () => work(undefined as never))),
    due: (kinds, limit) => call('due', () => tables.due(kinds, limit)),
    count: () => call('count', () => tables.count()),
    touch: (kind, ids) => call(`touch ${kind}/${ids.join()}`, () => ids.forEach((id) => tables.touch(kind, id))),
  }
}

export function stepsOn(tables: EngineTables, call: Call): StepStore {
  return {
    async begin(lease, step) {
      const sequence = await call(`begin ${step} of ${name(lease)}`, () => tables.beginStep(lease, step))
      if (sequence === undefined) throw new LeaseLost(lease.kind, lease.id)
      return sequence
    },
    complete: (lease, sequence) =>
      call(`complete ${name(lease)}`, () => tables.finishStep(lease, sequence, 'COMPLETED', null)),
    fail: (lease, sequence, error) =>
      call(`fail ${name(lease)}`, () => tables.finishStep(lease, sequence, 'FAILED', error)),
  }
}

/** `listening` calls back for each notification that arrives. */
export function outboxOn(
  tables: EngineTables,
  process: Pick<SimulatedProcess, 'call' | 'isAlive' | 'whenDead'>,
  listening: (onNotification: () => void) => { stop(): Promise<void> },
): Outbox {
  const { call } = process
  const open = new Set<object>()
  const end = (transaction: object, delivered: boolean) => {
    open.delete(transaction)
    tables.unlockOutbox(transaction, { delivered })
  }
  // Postgres rolls back what a client that is gone had begun.
  process.whenDead(() => {
    for (const transaction of open) end(transaction, false)
  })
  return {
    async drain(limit, deliver) {
      const transaction = {}
      try {
        const rows = await call('read the outbox', () => {
          if (!process.isAlive) return []
          open.add(transaction)
          return tables.lockOutbox(limit, transaction)
        })
        if (rows.length === 0) return 0
        await deliver(rows.map(({ kind, id }) => ({ kind, id })))
        await call('empty the outbox', () => end(transaction, open.has(transaction)))
        return rows.length
      } finally {
        end(transaction, false)
      }
    },
    listen: (onNotification) => listening(onNotification),
  }
}

const name = ({ kind, id, token }: Lease) => `${kind}/${id}@${token}`

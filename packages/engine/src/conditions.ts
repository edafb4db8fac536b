import type { Lease } from '@tributary/database/lease'
import type { Outcome } from './reconciler.ts'
import type { Failure } from './failures.ts'

/** In Kubernetes' manner: what is true of a resource right now, and since when. */
export interface Condition {
  type: 'Ready' | 'Stalled'
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  observedGeneration: number
  lastTransitionTime: string
}

/** Sets a condition; its transition time moves only when its status does. */
export function withCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  now: Date,
): Condition[] {
  const before = conditions.find(({ type }) => type === next.type)
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : now.toISOString()
  return [...conditions.filter(({ type }) => type !== next.type), { ...next, lastTransitionTime }]
}

/** Milliseconds for which a resource has not been what was asked for; 0 where it was when the lease was taken. */
export function notReadyForMs({ conditions }: Pick<Lease, 'conditions'>, now: Date): number {
  const ready = (conditions as readonly Condition[]).find(({ type }) => type === 'Ready')
  return ready?.status === 'False' ? Math.max(0, now.getTime() - Date.parse(ready.lastTransitionTime)) : 0
}

/** How a run of steps ended. `interrupted`: the worker shuts down; nothing is known that was not known before. */
export type End = Outcome | ({ next: 'failed' } & Failure) | { next: 'interrupted' }

/** Ready: what was asked for is what runs. Stalled: somebody has to do something before it can be. */
export function conditionsAfter(
  lease: Pick<Lease, 'generation' | 'conditions'>,
  { end, step }: { end: End; step: string },
  now: Date,
): readonly Condition[] {
  const before = lease.conditions as readonly Condition[]
  const observedGeneration = Number(lease.generation)
  type Claim = Pick<Condition, 'status' | 'reason' | 'message'>
  const both = (ready: Claim, stalled: Claim) => {
    const claimed = withCondition(before, { type: 'Ready', ...ready, observedGeneration }, now)
    return withCondition(claimed, { type: 'Stalled', ...stalled, observedGeneration }, now)
  }
  switch (end.next) {
    case 'settled':
      return both(
        { status: 'True', reason: 'Settled', message: 'What was asked for is what runs.' },
        { status: 'False', reason: 'Settled', message: '' },
      )
    case 'failed': {
      const { kind, reason, message } = end
      const stuck = kind === 'user' || kind === 'bug'
      return both({ status: 'False', reason, message }, { status: stuck ? 'True' : 'False', reason, message })
    }
    case 'checkAgain':
      return both(
        { status: 'False', reason: step, message: `Waiting for ${end.waitingFor}.` },
        { status: 'False', reason: 'Progressing', message: '' },
      )
    case 'continue':
      return both(
        { status: 'False', reason: step, message: 'In progress.' },
        { status: 'False', reason: 'Progressing', message: '' },
      )
    case 'interrupted':
    case 'forget':
      return before
  }
}

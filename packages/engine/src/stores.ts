import type { Pointer } from '@tributary/database/outbox'
import type { Resources } from '@tributary/database/resources'
import type { Steps } from '@tributary/database/steps'
import type { Jobs } from './jobs.ts'

/**
 * What the engine stands on, as interfaces: Postgres and Redis in production, models of them where a simulation decides
 * what happens when.
 */
export type LeaseStore = Pick<Resources, keyof Resources>
export type StepStore = Pick<Steps, keyof Steps>
export type JobQueues = Pick<Jobs, 'kinds' | 'ring' | 'ringAfterLease' | 'consume' | 'stopConsuming'>

export interface Outbox {
  /** Delivers at most so many of the oldest pointers, and deletes those that were; resolves to how many. */
  drain(limit: number, deliver: (pointers: Pointer[]) => Promise<void>): Promise<number>
  /** Calls back when there may be something to deliver. */
  listen(onNotification: () => void, onError: (error: unknown) => void): { stop(): Promise<void> }
}

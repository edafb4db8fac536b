import { LeaseLost, type Lease } from '@tributary/database/lease'
import type { Released, Resources } from '@tributary/database/resources'

export interface ResourceRow {
  kind: string
  id: string
  organizationId: string
  generation: bigint
  observedGeneration: bigint
  conditions: readonly unknown[]
  failures: number
  nextCheckAt: number | null
  leaseToken: bigint
  leaseHolder: string | null
  leaseExpiresAt: number | null
}

export interface StepRow {
  sequence: bigint
  generation: bigint
  name: string
  status: 'RUNNING' | 'COMPLETED' | 'FAILED'
  attempts: number
  error: { reason: string; message: string } | null
}

export interface OutboxRow {
  sequence: bigint
  kind: string
  id: string
  /** Whose transaction has locked it. */
  lockedBy: object | undefined
}

export interface AuditRow {
  requestId: string
  operation: string
  resourceId: string
}

export type ReleaseResult = Parameters<Resources['release']>[1]
type Key = Pick<Lease, 'kind' | 'id'>

/**
 * The engine's tables, and each statement of `@tributary/database` on them as a function that happens all at once. A
 * differential test holds it to the SQL. Times are milliseconds.
 */
export class EngineTables {
  readonly resources = new Map<string, ResourceRow>()
  readonly steps = new Map<string, StepRow[]>()
  readonly audits: AuditRow[] = []
  readonly now: () => number
  outbox: OutboxRow[] = []
  /** Told of every row that changes; undefined stands for a row that is not there. */
  onChange: (before: ResourceRow | undefined, after: ResourceRow | undefined) => void = () => undefined
  /** Told when there is something in the outbox. */
  onNotify: () => void = () => undefined
  #tokens = 0n
  #sequence = 0n

  constructor(now: () => number) {
    this.now = now
  }

  read({ kind, id }: Key): ResourceRow | undefined {
    return this.resources.get(`${kind}/${id}`)
  }

  desire(kinds: readonly string[], id: string, organizationId: string): void {
    for (const kind of kinds) {
      const row = this.read({ kind, id }) ?? { ...blank, kind, id, organizationId }
      this.put({ ...row, generation: row.generation + 1n, nextCheckAt: this.now(), failures: 0 })
      this.ring(kind, id)
    }
  }

  /** Only where there is no row yet. Nothing is rung. */
  desireOnce(kind: string, id: string, organizationId: string): void {
    if (this.read({ kind, id }) !== undefined) return
    this.put({ ...blank, kind, id, organizationId, generation: 1n, nextCheckAt: this.now() })
  }

  ring(kind: string, id: string): void {
    this.outbox.push({ sequence: ++this.#sequence, kind, id, lockedBy: undefined })
    this.onNotify()
  }

  audit(row: AuditRow): void {
    this.audits.push(row)
  }

  acquire(kind: string, id: string, holder: string, ttlMs: number): Lease | undefined {
    const row = this.read({ kind, id })
    if (row === undefined || (row.leaseExpiresAt !== null && row.leaseExpiresAt >= this.now())) return undefined
    const leaseToken = ++this.#tokens
    this.put({ ...row, leaseHolder: holder, leaseToken, leaseExpiresAt: this.now() + ttlMs, nextCheckAt: null })
    const { organizationId, generation, failures, conditions } = row
    return { kind, id, organizationId, token: leaseToken, generation, failures, conditions }
  }

  renew(lease: Lease, ttlMs: number): boolean {
    const row = this.held(lease)
    if (row !== undefined) this.put({ ...row, leaseExpiresAt: this.now() + ttlMs })
    return row !== undefined
  }

  /** The row, if the lease is current and its time not over. */
  held({ token, ...key }: Key & { token: bigint }): ResourceRow | undefined {
    const row = this.underToken({ token, ...key })
    return row?.leaseExpiresAt != null && row.leaseExpiresAt > this.now() ? row : undefined
  }

  /** The row, if nobody has taken the lease since. */
  underToken({ token, ...key }: Key & { token: bigint }): ResourceRow | undefined {
    const row = this.read(key)
    return row?.leaseToken === token ? row : undefined
  }

  /** Does what is done only under a lease that is held. */
  write<Result>(lease: Lease, work: () => Result): Result {
    if (this.held(lease) === undefined) throw new LeaseLost(lease.kind, lease.id)
    return work()
  }

  release(
    lease: Lease,
    { conditions, settled, failures, checkAfterMs }: ReleaseResult,
  ): Exclude<Released, { lookAgainAt: bigint }> | undefined {
    const row = this.underToken(lease)
    if (row?.generation !== lease.generation) return undefined
    const nextCheckAt = Math.min(row.nextCheckAt ?? Infinity, this.now() + checkAfterMs)
    const observedGeneration = settled ? row.generation : row.observedGeneration
    this.put({ ...row, leaseHolder: null, leaseExpiresAt: null, conditions, failures, observedGeneration, nextCheckAt })
    const latest = this.stepsOf(lease).at(-1)
    if (settled && latest?.status === 'RUNNING') latest.status = 'COMPLETED'
    return { afterMs: Math.ceil(Math.max(0, nextCheckAt - this.now())) }
  }

  forget(lease: Lease): boolean {
    const row = this.underToken(lease)
    if (row?.generation !== lease.generation || row.nextCheckAt !== null) return false
    this.delete(row)
    return true
  }

  lookAgain(lease: Lease): bigint | undefined {
    const row = this.underToken(lease)
    if (row !== undefined) this.put({ ...row, nextCheckAt: null })
    return row?.generation
  }

  due(kinds: readonly string[], limit: number): { kind: string; id: string; token: bigint }[] {
    const now = this.now()
    const isDue = ({ kind, nextCheckAt, leaseExpiresAt }: ResourceRow) =>
      kinds.includes(kind) &&
      (leaseExpiresAt === null ? nextCheckAt !== null && nextCheckAt <= now : leaseExpiresAt < now)
    return [...this.resources.values()]
      .filter(isDue)
      .sort((a, b) => (a.leaseExpiresAt ?? a.nextCheckAt ?? 0) - (b.leaseExpiresAt ?? b.nextCheckAt ?? 0))
      .slice(0, limit)
      .map(({ kind, id, leaseToken }) => ({ kind, id, token: leaseToken }))
  }

  count(): number {
    return this.resources.size
  }

  touch(kind: string, id: string): void {
    const row = this.read({ kind, id })
    if (row === undefined || (row.nextCheckAt !== null && row.nextCheckAt <= this.now())) return
    this.put({ ...row, nextCheckAt: this.now() })
  }

  beginStep(lease: Lease, name: string): bigint | undefined {
    if (this.held(lease) === undefined) return undefined
    const steps = this.stepsOf(lease)
    const latest = steps.at(-1)
    if (latest?.name === name && latest.status !== 'COMPLETED' && latest.generation === lease.generation) {
      latest.attempts++
      latest.status = 'RUNNING'
      return latest.sequence
    }
    if (latest?.status === 'RUNNING') latest.status = 'COMPLETED'
    const sequence = ++this.#sequence
    steps.push({ sequence, generation: lease.generation, name, status: 'RUNNING', attempts: 1, error: null })
    return sequence
  }

  finishStep(lease: Lease, sequence: bigint, status: StepRow['status'], error: StepRow['error']): void {
    const step = this.stepsOf(lease).find((step) => step.sequence === sequence)
    if (step !== undefined && this.underToken(lease) !== undefined) Object.assign(step, { status, error })
  }

  stepsOf({ kind, id }: Key): StepRow[] {
    const known = this.steps.get(`${kind}/${id}`)
    if (known !== undefined) return known
    const steps: StepRow[] = []
    this.steps.set(`${kind}/${id}`, steps)
    return steps
  }

  lockOutbox(limit: number, lockedBy: object): OutboxRow[] {
    const rows = this.outbox.filter((row) => row.lockedBy === undefined).slice(0, limit)
    for (const row of rows) row.lockedBy = lockedBy
    return rows
  }

  /** How the transaction ends: its rows are gone, or anyone's again. */
  unlockOutbox(lockedBy: object, { delivered }: { delivered: boolean }): void {
    if (delivered) this.outbox = this.outbox.filter((row) => row.lockedBy !== lockedBy)
    for (const row of this.outbox) if (row.lockedBy === lockedBy) row.lockedBy = undefined
  }

  put(row: ResourceRow): void {
    const before = this.read(row)
    this.resources.set(`${row.kind}/${row.id}`, row)
    this.onChange(before, row)
  }

  delete(row: ResourceRow): void {
    this.resources.delete(`${row.kind}/${row.id}`)
    this.onChange(row, undefined)
  }
}

const blank = {
  generation: 0n,
  observedGeneration: 0n,
  conditions: [],
  failures: 0,
  nextCheckAt: null,
  leaseToken: 0n,
  leaseHolder: null,
  leaseExpiresAt: null,
}

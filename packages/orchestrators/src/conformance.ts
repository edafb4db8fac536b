import { waitUntil } from '@tributary/kit/waitUntil'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StaleToken, type MemberManifest, type Orchestrator, type WorkloadManifest } from './contract.ts'

/**
 * What every driver owes to the contract. A driver's test brings a machine on which a member is
 * something small: it appends a line to a file on its volume when it starts, writes the text of its
 * file `greeting` to its log, and then runs until it is ended; one whose greeting is `die` ends at once.
 */
export interface ConformanceMachine extends AsyncDisposable {
  /** A driver on this machine; each call another, as a restarted control plane is. */
  open(): Orchestrator
  runtime: string
  process: MemberManifest['process']
  /** How often a member has started on the volume that it has now. */
  starts(name: string, memberId: number): Promise<number>
  /** Ends a member's process as a crash does. */
  crash(name: string, memberId: number): Promise<void>
  now(): Date
  /** Time goes on for every driver of this machine. */
  advance(ms: number): void
}

const ports = [
  { name: 'inside', reach: 'members' },
  { name: 'outside', reach: 'clients' },
] as const
const zoned = (ids: readonly number[]) => ids.map((id) => ({ id, zone: `zone-${id}` }))
const soon = { timeoutMs: 15_000, everyMs: 20 }

export function describeOrchestrator(driver: string, start: () => Promise<ConformanceMachine>): void {
  let machine: ConformanceMachine
  let orchestrator: Orchestrator
  let count = 0

  beforeAll(async () => {
    machine = await start()
    orchestrator = machine.open()
  })
  afterAll(() => machine[Symbol.asyncDispose]())

  const newName = () => `workload-${++count}`
  const manifest = (name: string, ids: readonly number[], greeting = 'hello'): WorkloadManifest => ({
    name,
    runtime: machine.runtime,
    members: zoned(ids).map((member) => ({ ...member, files: { greeting }, process: machine.process })),
  })
  const states = async (name: string) =>
    Object.fromEntries(((await orchestrator.observe(name))?.members ?? []).map(({ id, state }) => [id, state]))
  const started = (name: string, id: number, times: number) =>
    waitUntil(async () => (await machine.starts(name, id)) === times, {
      ...soon,
      what: `start ${times} of ${name}/${id}`,
    })
  const stopped = (name: string, id: number) =>
    waitUntil(async () => (await states(name))[id] === 'stopped', { ...soon, what: `${name}/${id} to stop` })

  const run = async (ids: readonly number[]) => {
    const name = newName()
    await orchestrator.reserve(name, { members: zoned(ids), ports })
    await orchestrator.apply(manifest(name, ids), 1)
    for (const id of ids) await started(name, id, 1)
    return name
  }

  describe(`${driver}: addresses are given once and stay`, () => {
    it('gives every port of every member an address of its own, and the same ones again', async () => {
      const name = newName()
      const endpoints = await orchestrator.reserve(name, { members: zoned([1, 2, 3]), ports })
      const listened = Object.values(endpoints).flatMap((member) => Object.values(member).map(({ listen }) => listen))
      expect(new Set(listened.map(({ host, port }) => `${host}:${port}`)).size).toBe(6)
      expect(await machine.open().reserve(name, { members: zoned([1, 2, 3]), ports })).toEqual(endpoints)
      expect(await orchestrator.endpoints(name)).toEqual(endpoints)
    })

    it('keeps the addresses that members have when another joins', async () => {
      const name = newName()
      const before = await orchestrator.reserve(name, { members: zoned([1]), ports })
      const after = await orchestrator.reserve(name, { members: zoned([1, 2]), ports })
      expect(after[1]).toEqual(before[1])
      expect(Object.keys(after)).toEqual(['1', '2'])
    })

    it('gives no address twice, though several control planes reserve at once', async () => {
      const reserved = await Promise.all(
        Array.from({ length: 8 }, () => machine.open().reserve(newName(), { members: zoned([1, 2, 3]), ports })),
      )
      const listened = reserved.flatMap((endpoints) =>
        Object.values(endpoints).flatMap((member) => Object.values(member).map(({ listen }) => listen)),
      )
      expect(new Set(listened.map(({ host, port }) => `${host}:${port}`)).size).toBe(48)
    })

    it('knows no addresses of what was never reserved', async () => {
      expect(await orchestrator.endpoints(newName())).toBeUndefined()
    })
  })

  describe(`${driver}: apply starts what does not run and never restarts what does`, () => {
    it('starts every member once, however often it is applied', async () => {
      const name = await run([1, 2])
      await orchestrator.apply(manifest(name, [1, 2]), 1)
      await orchestrator.apply(manifest(name, [1, 2], 'another greeting'), 2)
      expect(await states(name)).toEqual({ 1: 'running', 2: 'running' })
      expect([await machine.starts(name, 1), await machine.starts(name, 2)]).toEqual([1, 1])
      expect((await orchestrator.observe(name))?.token).toBe(2)
    })

    it('starts a member once when two control planes apply at once', async () => {
      const name = newName()
      await orchestrator.reserve(name, { members: zoned([1]), ports })
      await Promise.all(Array.from({ length: 5 }, () => machine.open().apply(manifest(name, [1]), 1)))
      await started(name, 1, 1)
      expect(await states(name)).toEqual({ 1: 'running' })
    })

    it('refuses an older token and leaves what the newer one applied', async () => {
      const name = await run([1])
      await orchestrator.apply(manifest(name, [1]), 7)
      await expect(machine.open().apply(manifest(name, [1]), 6)).rejects.toBeInstanceOf(StaleToken)
      expect((await orchestrator.observe(name))?.token).toBe(7)
    })

    it('starts a crashed member again and leaves the others alone', async () => {
      const name = await run([1, 2])
      await machine.crash(name, 1)
      await stopped(name, 1)
      await orchestrator.apply(manifest(name, [1, 2]), 1)
      await started(name, 1, 2)
      expect(await states(name)).toEqual({ 1: 'running', 2: 'running' })
      expect(await machine.starts(name, 2)).toBe(1)
    })
  })

  describe(`${driver}: members outlive the control plane`, () => {
    it('adopts what runs', async () => {
      const name = await run([1])
      const next = machine.open()
      expect(await next.list()).toContain(name)
      expect((await next.observe(name))?.members).toEqual([{ id: 1, state: 'running' }])
      await next.apply(manifest(name, [1]), 2)
      expect(await machine.starts(name, 1)).toBe(1)
    })
  })

  describe(`${driver}: replace restarts one member with the files of the last apply`, () => {
    it('restarts that one and no other', async () => {
      const name = await run([1, 2])
      await orchestrator.apply(manifest(name, [1, 2], 'changed'), 2)
      await orchestrator.replace(name, 1)
      await started(name, 1, 2)
      await waitUntil(async () => (await orchestrator.logs(name, 1, { lines: 1 })).includes('changed'), {
        ...soon,
        what: 'the changed greeting',
      })
      expect(await states(name)).toEqual({ 1: 'running', 2: 'running' })
      expect(await machine.starts(name, 2)).toBe(1)
    })
  })

  describe(`${driver}: a member that keeps dying is started less and less often`, () => {
    it('says when it may start again, does not start it before, and forgets once it ran well', async () => {
      const name = newName()
      await orchestrator.reserve(name, { members: zoned([1]), ports })
      let waitedMs = -1
      for (let start = 1; start <= 4; start++) {
        await orchestrator.apply(manifest(name, [1], 'die'), 1)
        await started(name, 1, start)
        await stopped(name, 1)
        const startableAt = (await orchestrator.observe(name))?.members[0]?.startableAt
        const waitMs = (startableAt?.getTime() ?? 0) - machine.now().getTime()
        expect(waitMs).toBeGreaterThan(waitedMs)
        machine.advance(waitMs - 1)
        if (waitMs > 0) await orchestrator.apply(manifest(name, [1], 'die'), 1)
        expect(await machine.starts(name, 1)).toBe(start)
        machine.advance(1)
        waitedMs = waitMs
      }
      await orchestrator.apply(manifest(name, [1]), 1)
      await started(name, 1, 5)
      machine.advance(600_000)
      await machine.crash(name, 1)
      await stopped(name, 1)
      await orchestrator.apply(manifest(name, [1]), 1)
      await started(name, 1, 6)
    })
  })

  describe(`${driver}: watch tells of every workload, and of what changes`, () => {
    it('calls back once for what is there, then for a crash and a removal, and not after it was stopped', async () => {
      const name = await run([1])
      let calls = 0
      const stop = orchestrator.watch((changed) => (calls += changed === name ? 1 : 0))
      const called = (times: number) =>
        waitUntil(() => calls === times, { ...soon, what: `call ${times} of the watch` })
      await called(1)
      await machine.crash(name, 1)
      await called(2)
      await orchestrator.remove(name, { keepVolumes: false })
      await called(3)
      stop()
      await orchestrator.reserve(name, { members: zoned([1]), ports })
      const other = machine.open()
      let seen = false
      const stopOther = other.watch((changed) => (seen ||= changed === name))
      await waitUntil(() => seen, { ...soon, what: 'another watch to see it' })
      stopOther()
      expect(calls).toBe(3)
    })
  })

  describe(`${driver}: logs are the last lines of a member`, () => {
    it('gives as many as were asked for', async () => {
      const name = newName()
      await orchestrator.reserve(name, { members: zoned([1]), ports })
      await orchestrator.apply(manifest(name, [1], 'one\ntwo\nthree'), 1)
      await waitUntil(async () => (await orchestrator.logs(name, 1, { lines: 2 })).at(-1) === 'three', {
        ...soon,
        what: 'the last line',
      })
      expect(await orchestrator.logs(name, 1, { lines: 2 })).toEqual(['two', 'three'])
      expect(await orchestrator.logs(newName(), 1, { lines: 2 })).toEqual([])
    })
  })

  describe(`${driver}: remove leaves what it was told to leave`, () => {
    it('leaves nothing, and may be done again', async () => {
      const name = await run([1, 2])
      await orchestrator.remove(name, { keepVolumes: false })
      expect(await orchestrator.observe(name)).toBeUndefined()
      expect(await orchestrator.endpoints(name)).toBeUndefined()
      expect(await orchestrator.list()).not.toContain(name)
      expect(await machine.starts(name, 1)).toBe(0)
      await orchestrator.remove(name, { keepVolumes: false })
      await expect(orchestrator.apply(manifest(name, [1, 2]), 2)).rejects.toThrow(/reserve/)
    })

    it('keeps volumes for the next time', async () => {
      const name = await run([1])
      await orchestrator.remove(name, { keepVolumes: true })
      expect(Object.values(await states(name))).not.toContain('running')
      machine.advance(60_000)
      await orchestrator.reserve(name, { members: zoned([1]), ports })
      await orchestrator.apply(manifest(name, [1]), 2)
      await started(name, 1, 2)
    })
  })
}

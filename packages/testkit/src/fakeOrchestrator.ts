import { systemClock, type Clock, type Timers } from '@tributary/kit/clock'
import {
  StaleToken,
  type AddressRequest,
  type Endpoint,
  type Endpoints,
  type MemberManifest,
  type Orchestrator,
  type WorkloadManifest,
  type WorkloadObservation,
} from '@tributary/orchestrators/contract'
import { SqliteMachines, type FakeMachines, type FakeMember, type FakeWorkload } from './fakeMachines.ts'

const healthyAfterMs = 60_000
const backOffMs = (quickExits: number) => (quickExits <= 1 ? 0 : 500 * 2 ** (quickExits - 2))

/**
 * An orchestrator whose machines are rows of an SQLite file, or whatever else keeps them. A member writes its file
 * `greeting` to its log when it starts, and one whose greeting is `die` ends at once.
 */
export class FakeOrchestrator implements Orchestrator, Disposable {
  readonly #machines: FakeMachines
  readonly #clock: Clock & Pick<Timers, 'every'>
  readonly #watchEveryMs: number

  /** Watches by a clock that has timers. */
  constructor(machines: string | FakeMachines, clock: Clock & Partial<Timers>, { watchEveryMs = 20 } = {}) {
    this.#machines = typeof machines === 'string' ? new SqliteMachines(machines) : machines
    this.#clock = { every: (ms, callback) => systemClock.every(ms, callback), ...clock }
    this.#watchEveryMs = watchEveryMs
  }

  async reserve(name: string, { members, ports }: AddressRequest): Promise<Endpoints> {
    return this.#machines.transaction(() => {
      const workload = this.#machines.read(name) ?? { token: 0, endpoints: {}, members: {} }
      const reserved = members.map(({ id }) => {
        const known = workload.endpoints[id] ?? {}
        const named = ports.map(({ name: port }) => [port, known[port] ?? this.#newEndpoint()] as const)
        return [id, { ...known, ...Object.fromEntries(named) }] as const
      })
      const endpoints = { ...workload.endpoints, ...Object.fromEntries(reserved) }
      this.#machines.write(name, { ...workload, endpoints })
      return endpoints
    })
  }

  async apply({ name, members }: WorkloadManifest, token: number): Promise<void> {
    this.#machines.transaction(() => {
      const workload = this.#existing(name)
      if (token < workload.token) throw new StaleToken(name, token, workload.token)
      const applied: Record<number, FakeMember> = { ...workload.members }
      for (const manifest of members) {
        const before = applied[manifest.id] ?? stopped(manifest)
        const member = { ...before, manifest }
        const startable = (before.startableAt ?? 0) <= this.#now()
        applied[manifest.id] = before.running || !startable ? member : this.#started(name, member)
      }
      this.#machines.write(name, { ...workload, token, members: applied })
    })
  }

  async replace(name: string, memberId: number): Promise<void> {
    this.#changeMember(name, memberId, (member) => this.#started(name, member))
  }

  async observe(name: string): Promise<WorkloadObservation | undefined> {
    const workload = this.#machines.read(name)
    if (workload === undefined) return undefined
    const members = Object.entries(workload.members).map(([id, { running, startableAt }]) => ({
      id: Number(id),
      state: running ? ('running' as const) : ('stopped' as const),
      ...(running || startableAt === undefined ? {} : { startableAt: new Date(startableAt) }),
    }))
    return { token: workload.token, members }
  }

  async list(): Promise<string[]> {
    return this.#machines.names()
  }

  watch(onChange: (name: string) => void): () => void {
    let known = new Map<string, string>()
    const look = () => {
      const seen = new Map(this.#machines.names().map((name) => [name, states(this.#machines.read(name))]))
      for (const name of new Set([...known.keys(), ...seen.keys()])) {
        if (known.get(name) !== seen.get(name)) onChange(name)
      }
      known = seen
    }
    return this.#clock.every(this.#watchEveryMs, look)
  }

  async endpoints(name: string): Promise<Endpoints | undefined> {
    return this.#machines.read(name)?.endpoints
  }

  async logs(name: string, memberId: number, { lines }: { lines: number }): Promise<string[]> {
    return this.#machines.read(name)?.members[memberId]?.log.slice(-lines) ?? []
  }

  async remove(name: string, { keepVolumes }: { keepVolumes: boolean }): Promise<void> {
    this.#machines.transaction(() => {
      this.#machines.delete(name)
      if (!keepVolumes) this.#machines.deleteVolumes(name)
    })
  }

  /** Ends a member as a crash does. */
  crash(name: string, memberId: number): void {
    this.#changeMember(name, memberId, (member) => this.#ended(member))
  }

  /** How often a member has started on the volume that it has now. */
  starts(name: string, memberId: number): number {
    return this.#machines.starts(name, memberId)
  }

  [Symbol.dispose](): void {
    this.#machines[Symbol.dispose]()
  }

  #started(name: string, member: FakeMember): FakeMember {
    this.#machines.countStart(name, member.manifest)
    const greeting = member.manifest.files['greeting'] ?? ''
    const started = { ...member, running: true, startedAt: this.#now(), log: [...member.log, ...greeting.split('\n')] }
    return greeting === 'die' ? this.#ended(started) : started
  }

  #ended(member: FakeMember): FakeMember {
    const now = this.#now()
    const quickExits = now - member.startedAt < healthyAfterMs ? member.quickExits + 1 : 0
    return { ...member, running: false, quickExits, startableAt: now + backOffMs(quickExits) }
  }

  #changeMember(name: string, memberId: number, change: (member: FakeMember) => FakeMember) {
    this.#machines.transaction(() => {
      const workload = this.#existing(name)
      const member = workload.members[memberId]
      if (member === undefined) throw new Error(`${name} has no member ${memberId}`)
      this.#machines.write(name, { ...workload, members: { ...workload.members, [memberId]: change(member) } })
    })
  }

  #newEndpoint(): Endpoint {
    const address = { host: '127.0.0.1', port: this.#machines.newPort() }
    return { listen: address, advertised: address }
  }

  #existing(name: string): FakeWorkload {
    const workload = this.#machines.read(name)
    if (workload === undefined) throw new Error(`${name} has no addresses: reserve them first`)
    return workload
  }

  #now() {
    return this.#clock.now().getTime()
  }
}

const stopped = (manifest: MemberManifest): FakeMember => ({
  manifest,
  running: false,
  startedAt: 0,
  quickExits: 0,
  log: [],
})

/** What a watch tells of: which members there are, and which run. */
const states = (workload: FakeWorkload | undefined) =>
  Object.entries(workload?.members ?? {})
    .map(([id, { running }]) => `${id}:${running}`)
    .join()

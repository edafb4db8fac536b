import { DatabaseSync } from 'node:sqlite'
import { setInterval } from 'node:timers'
import type { Clock } from '@tributary/kit/clock'
import {
  StaleGeneration,
  type AddressRequest,
  type Endpoint,
  type Endpoints,
  type MemberManifest,
  type Orchestrator,
  type WorkloadManifest,
  type WorkloadObservation,
} from '@tributary/orchestrators/contract'

interface FakeMember {
  manifest: MemberManifest
  running: boolean
  startedAt: number
  /** How often in a row it ended soon after its start. */
  quickExits: number
  startableAt?: number
  log: string[]
}

interface FakeWorkload {
  generation: number
  endpoints: Endpoints
  members: Record<number, FakeMember>
}

const watchEveryMs = 20
const healthyAfterMs = 60_000
const backOffMs = (quickExits: number) => (quickExits <= 1 ? 0 : 500 * 2 ** (quickExits - 2))

/**
 * An orchestrator whose machines are rows of an SQLite file: they outlive any process that works on
 * them, and one that is killed leaves nothing half written. A member writes its file `greeting` to its
 * log when it starts, and one whose greeting is `die` ends at once.
 */
export class FakeOrchestrator implements Orchestrator, Disposable {
  readonly #file: DatabaseSync
  readonly #clock: Clock

  constructor(file: string, clock: Clock) {
    this.#clock = clock
    this.#file = new DatabaseSync(file, { timeout: 10_000 })
    this.#file.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS workloads (name TEXT PRIMARY KEY, workload TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS volumes (name TEXT, member INTEGER, starts INTEGER NOT NULL, PRIMARY KEY (name, member));
      CREATE TABLE IF NOT EXISTS ports (port INTEGER PRIMARY KEY AUTOINCREMENT)`)
  }

  async reserve(name: string, { members, ports }: AddressRequest): Promise<Endpoints> {
    return this.#transaction(() => {
      const workload = this.#read(name) ?? { generation: 0, endpoints: {}, members: {} }
      const reserved = members.map(({ id }) => {
        const known = workload.endpoints[id] ?? {}
        const named = ports.map(({ name: port }) => [port, known[port] ?? this.#newEndpoint()] as const)
        return [id, { ...known, ...Object.fromEntries(named) }] as const
      })
      const endpoints = { ...workload.endpoints, ...Object.fromEntries(reserved) }
      this.#write(name, { ...workload, endpoints })
      return endpoints
    })
  }

  async apply({ name, members }: WorkloadManifest, generation: number): Promise<void> {
    this.#transaction(() => {
      const workload = this.#existing(name)
      if (generation < workload.generation) throw new StaleGeneration(name, generation, workload.generation)
      const applied: FakeWorkload = { ...workload, generation, members: { ...workload.members } }
      for (const manifest of members) {
        const before = applied.members[manifest.id] ?? stopped(manifest)
        const member = { ...before, manifest }
        const startable = (before.startableAt ?? 0) <= this.#now()
        applied.members[manifest.id] = before.running || !startable ? member : this.#started(name, member)
      }
      this.#write(name, applied)
    })
  }

  async replace(name: string, memberId: number): Promise<void> {
    this.#changeMember(name, memberId, (member) => this.#started(name, member))
  }

  async observe(name: string): Promise<WorkloadObservation | undefined> {
    const workload = this.#read(name)
    if (workload === undefined) return undefined
    const members = Object.entries(workload.members).map(([id, { running, startableAt }]) => ({
      id: Number(id),
      state: running ? ('running' as const) : ('stopped' as const),
      ...(running || startableAt === undefined ? {} : { startableAt: new Date(startableAt) }),
    }))
    return { generation: workload.generation, members }
  }

  async list(): Promise<string[]> {
    return this.#file
      .prepare('SELECT name FROM workloads ORDER BY name')
      .all()
      .map(({ name }) => String(name))
  }

  watch(onChange: (name: string) => void): () => void {
    let known = new Map<string, string>()
    const look = () => {
      const rows = this.#file.prepare('SELECT name, workload FROM workloads').all()
      const seen = new Map(rows.map(({ name, workload }) => [String(name), states(String(workload))]))
      for (const name of new Set([...known.keys(), ...seen.keys()])) {
        if (known.get(name) !== seen.get(name)) onChange(name)
      }
      known = seen
    }
    const timer = setInterval(look, watchEveryMs)
    return () => clearInterval(timer)
  }

  async endpoints(name: string): Promise<Endpoints | undefined> {
    return this.#read(name)?.endpoints
  }

  async logs(name: string, memberId: number, { lines }: { lines: number }): Promise<string[]> {
    return this.#read(name)?.members[memberId]?.log.slice(-lines) ?? []
  }

  async remove(name: string, { keepVolumes }: { keepVolumes: boolean }): Promise<void> {
    this.#transaction(() => {
      this.#file.prepare('DELETE FROM workloads WHERE name = ?').run(name)
      if (!keepVolumes) this.#file.prepare('DELETE FROM volumes WHERE name = ?').run(name)
    })
  }

  /** Ends a member as a crash does. */
  crash(name: string, memberId: number): void {
    this.#changeMember(name, memberId, (member) => this.#ended(member))
  }

  /** How often a member has started on the volume that it has now. */
  starts(name: string, memberId: number): number {
    const row = this.#file.prepare('SELECT starts FROM volumes WHERE name = ? AND member = ?').get(name, memberId)
    return Number(row?.['starts'] ?? 0)
  }

  [Symbol.dispose](): void {
    this.#file.close()
  }

  #started(name: string, member: FakeMember): FakeMember {
    this.#file
      .prepare('INSERT INTO volumes VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET starts = starts + 1')
      .run(name, member.manifest.id)
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
    this.#transaction(() => {
      const workload = this.#existing(name)
      const member = workload.members[memberId]
      if (member === undefined) throw new Error(`${name} has no member ${memberId}`)
      this.#write(name, { ...workload, members: { ...workload.members, [memberId]: change(member) } })
    })
  }

  #newEndpoint(): Endpoint {
    const { lastInsertRowid } = this.#file.prepare('INSERT INTO ports DEFAULT VALUES').run()
    const address = { host: '127.0.0.1', port: Number(lastInsertRowid) }
    return { listen: address, advertised: address }
  }

  #existing(name: string): FakeWorkload {
    const workload = this.#read(name)
    if (workload === undefined) throw new Error(`${name} has no addresses: reserve them first`)
    return workload
  }

  #read(name: string): FakeWorkload | undefined {
    const row = this.#file.prepare('SELECT workload FROM workloads WHERE name = ?').get(name)
    return row === undefined ? undefined : (JSON.parse(String(row['workload'])) as FakeWorkload)
  }

  #write(name: string, workload: FakeWorkload) {
    this.#file
      .prepare('INSERT INTO workloads VALUES (?, ?) ON CONFLICT DO UPDATE SET workload = excluded.workload')
      .run(name, JSON.stringify(workload))
  }

  #transaction<Result>(work: () => Result): Result {
    this.#file.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#file.exec('COMMIT')
      return result
    } catch (error) {
      this.#file.exec('ROLLBACK')
      throw error
    }
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
const states = (workload: string) =>
  Object.entries((JSON.parse(workload) as FakeWorkload).members)
    .map(([id, { running }]) => `${id}:${running}`)
    .join()

import { DatabaseSync } from 'node:sqlite'
import type { Endpoints, MemberManifest } from '@tributary/orchestrators/contract'

export interface FakeMember {
  manifest: MemberManifest
  running: boolean
  startedAt: number
  /** How often in a row it ended soon after its start. */
  quickExits: number
  startableAt?: number
  log: string[]
}

export interface FakeWorkload {
  token: number
  endpoints: Endpoints
  members: Readonly<Record<number, FakeMember>>
}

/** What the fake orchestrator's machines keep. Nothing that was read is ever changed: a change writes another. */
export interface FakeMachines extends Disposable {
  transaction<Result>(work: () => Result): Result
  names(): string[]
  read(name: string): FakeWorkload | undefined
  write(name: string, workload: FakeWorkload): void
  delete(name: string): void
  /** A member has started on its volume. */
  countStart(name: string, manifest: MemberManifest): void
  starts(name: string, memberId: number): number
  deleteVolumes(name: string): void
  newPort(): number
}

/** Rows of an SQLite file: they outlive any process that works on them, and one that is killed leaves nothing half written. */
export class SqliteMachines implements FakeMachines {
  readonly #file: DatabaseSync

  constructor(file: string) {
    this.#file = new DatabaseSync(file, { timeout: 10_000 })
    this.#file.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS workloads (name TEXT PRIMARY KEY, workload TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS volumes (name TEXT, member INTEGER, starts INTEGER NOT NULL, PRIMARY KEY (name, member));
      CREATE TABLE IF NOT EXISTS ports (port INTEGER PRIMARY KEY AUTOINCREMENT)`)
  }

  transaction<Result>(work: () => Result): Result {
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

  names(): string[] {
    const rows = this.#file.prepare('SELECT name FROM workloads ORDER BY name').all()
    return rows.map(({ name }) => String(name))
  }

  read(name: string): FakeWorkload | undefined {
    const row = this.#file.prepare('SELECT workload FROM workloads WHERE name = ?').get(name)
    return row === undefined ? undefined : (JSON.parse(String(row['workload'])) as FakeWorkload)
  }

  write(name: string, workload: FakeWorkload): void {
    this.#file
      .prepare('INSERT INTO workloads VALUES (?, ?) ON CONFLICT DO UPDATE SET workload = excluded.workload')
      .run(name, JSON.stringify(workload))
  }

  delete(name: string): void {
    this.#file.prepare('DELETE FROM workloads WHERE name = ?').run(name)
  }

  countStart(name: string, { id }: MemberManifest): void {
    this.#file
      .prepare('INSERT INTO volumes VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET starts = starts + 1')
      .run(name, id)
  }

  starts(name: string, memberId: number): number {
    const row = this.#file.prepare('SELECT starts FROM volumes WHERE name = ? AND member = ?').get(name, memberId)
    return Number(row?.['starts'] ?? 0)
  }

  deleteVolumes(name: string): void {
    this.#file.prepare('DELETE FROM volumes WHERE name = ?').run(name)
  }

  newPort(): number {
    return Number(this.#file.prepare('INSERT INTO ports DEFAULT VALUES').run().lastInsertRowid)
  }

  [Symbol.dispose](): void {
    this.#file.close()
  }
}

/** For whoever is alone with them: what fails half way stays half done. */
export class MemoryMachines implements FakeMachines {
  readonly #workloads = new Map<string, FakeWorkload>()
  readonly #starts = new Map<string, number>()
  #ports = 0

  transaction<Result>(work: () => Result): Result {
    return work()
  }

  names(): string[] {
    return [...this.#workloads.keys()].toSorted()
  }

  read(name: string): FakeWorkload | undefined {
    return this.#workloads.get(name)
  }

  write(name: string, workload: FakeWorkload): void {
    this.#workloads.set(name, workload)
  }

  delete(name: string): void {
    this.#workloads.delete(name)
  }

  countStart(name: string, { id }: MemberManifest): void {
    this.#starts.set(`${name}/${id}`, this.starts(name, id) + 1)
  }

  starts(name: string, memberId: number): number {
    return this.#starts.get(`${name}/${memberId}`) ?? 0
  }

  deleteVolumes(name: string): void {
    for (const volume of this.#starts.keys()) if (volume.startsWith(`${name}/`)) this.#starts.delete(volume)
  }

  newPort(): number {
    return ++this.#ports
  }

  [Symbol.dispose](): void {
    // Nothing is open.
  }
}

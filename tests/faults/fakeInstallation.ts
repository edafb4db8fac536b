import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createPrisma, type Prisma } from '@tributary/database/database'
import { systemClock } from '@tributary/kit/clock'
import { waitUntil } from '@tributary/kit/waitUntil'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import { FakeOrchestrator } from '@tributary/testkit/fakeOrchestrator'
import { fakeTable } from './fakeKind.ts'

/** A database and machines for workers of fake kinds, which are processes of their own. */
export class FakeInstallation implements AsyncDisposable {
  readonly #database: TestDatabase
  readonly #prisma: Prisma
  readonly orchestrator: FakeOrchestrator
  readonly #directory: string
  readonly #redisUrl: string
  readonly #workers = new Set<ChildProcess>()

  private constructor(directory: string, database: TestDatabase, redisUrl: string) {
    this.#directory = directory
    this.#redisUrl = redisUrl
    this.#database = database
    this.#prisma = createPrisma({ url: database.url, role: 'tributary_worker', maxConnections: 3 })
    this.orchestrator = new FakeOrchestrator(path.join(directory, 'machines.sqlite'), systemClock)
  }

  static async create(postgresUrl: string, redisUrl: string): Promise<FakeInstallation> {
    const database = await createTestDatabase(postgresUrl)
    await database.query(fakeTable)
    return new FakeInstallation(await mkdtemp(path.join(os.tmpdir(), 'tributary-test-')), database, redisUrl)
  }

  /** Returns when it is ready, or has ended already. */
  async startWorker(kinds: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
    const worker = fork(path.join(import.meta.dirname, 'fakeWorker.ts'), {
      env: {
        ...process.env,
        DATABASE_URL: this.#database.url,
        REDIS_URL: this.#redisUrl,
        MACHINES: path.join(this.#directory, 'machines.sqlite'),
        KINDS: kinds.join(),
        LEASE_TTL_MS: '800',
        ...environment,
      },
      silent: true,
    })
    this.#workers.add(worker)
    worker.once('exit', () => this.#workers.delete(worker))
    await Promise.race([once(worker, 'message'), once(worker, 'exit')])
    return worker
  }

  query<Row>(text: string, ...values: unknown[]): Promise<Row[]> {
    return this.#prisma.$queryRawUnsafe(text, ...values)
  }

  /**
   * What an operation of the API commits: the change, and that somebody has to look. It locks the engine's row first, as
   * workers do. `ring: false` loses the ring.
   */
  async commit(change: string, kind: string, id: string, { ring = true } = {}): Promise<void> {
    const lock = 'SELECT 1 FROM resources WHERE id = $1 AND kind = $2 FOR UPDATE'
    const desire = `WITH changed AS (${change} RETURNING id), desired AS (
        INSERT INTO resources AS resource (kind, id, organization_id) SELECT $2, id, gen_random_uuid() FROM changed
        ON CONFLICT (kind, id) DO UPDATE SET generation = resource.generation + 1, next_check_at = now(), failures = 0
        RETURNING kind, id)
      INSERT INTO outbox (kind, resource_id) SELECT kind, id FROM desired WHERE $3`
    await this.#prisma.$transaction([
      this.#prisma.$queryRawUnsafe(lock, id, kind),
      this.#prisma.$executeRawUnsafe(desire, id, kind, ring),
    ])
  }

  async create(kind: string, options: { ring?: boolean } = {}): Promise<string> {
    const id = randomUUID()
    await this.commit('INSERT INTO fakes (id) VALUES ($1)', kind, id, options)
    return id
  }

  resize(kind: string, id: string, size: number): Promise<void> {
    return this.commit(`UPDATE fakes SET size = ${size} WHERE id = $1`, kind, id)
  }

  remove(kind: string, id: string): Promise<void> {
    return this.commit('UPDATE fakes SET deleted = true WHERE id = $1', kind, id)
  }

  async hasBeenAsked(kind: string): Promise<boolean> {
    return (await this.query('SELECT 1 FROM resources WHERE kind = $1', kind)).length > 0
  }

  /** Everything that was asked for is there, and its lease let go. */
  async isSettled(id: string): Promise<boolean> {
    const [resource] = await this.query(
      `SELECT 1 FROM resources JOIN fakes USING (id)
       WHERE id = $1 AND observed_generation = generation AND ready = size AND lease_holder IS NULL AND failures = 0`,
      id,
    )
    return resource !== undefined
  }

  async isForgotten(id: string): Promise<boolean> {
    return (await this.query('SELECT 1 FROM resources WHERE id = $1', id)).length === 0
  }

  steps(id: string): Promise<{ name: string; status: string; generation: number; attempts: number }[]> {
    return this.query(
      'SELECT name, status, generation::int, attempts FROM steps WHERE resource_id = $1 ORDER BY sequence',
      id,
    )
  }

  /** A row of each sort that the pruner deletes. */
  async leaveOldRows(): Promise<void> {
    await this.query(`
      INSERT INTO steps (kind, resource_id, organization_id, generation, name, status, started_at)
      VALUES ('old', 'old', gen_random_uuid(), 1, 'old', 'COMPLETED', now() - interval '31 days')`)
    await this.query(`
      INSERT INTO idempotency_records (organization_id, principal, key_hash, request_hash, created_at)
      VALUES (gen_random_uuid(), 'old', int4send(1), '', now() - interval '25 hours')`)
    await this.query(`
      WITH owner AS (INSERT INTO organizations (id, display_name, wrapped_data_key) VALUES (gen_random_uuid(), 'o', '') RETURNING id)
      INSERT INTO api_keys (id, organization_id, owner_id, display_name, description, salt, hash, expires_at)
      SELECT gen_random_uuid(), id, 'sa-a', '', '', '', '', now() - interval '1 s' FROM owner`)
  }

  async hasOldRows(): Promise<boolean> {
    const rows = await this.query(`
      SELECT 1 FROM steps WHERE name = 'old' UNION ALL SELECT 1 FROM idempotency_records
      UNION ALL SELECT 1 FROM api_keys WHERE deleted_at IS NULL`)
    return rows.length > 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#workers].map(kill))
    this.orchestrator[Symbol.dispose]()
    await this.#prisma.$disconnect()
    await this.#database[Symbol.asyncDispose]()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

export const hasEnded = (worker: ChildProcess) => worker.exitCode !== null || worker.signalCode !== null

export async function kill(worker: ChildProcess): Promise<void> {
  if (hasEnded(worker)) return
  const ended = once(worker, 'exit')
  worker.kill('SIGKILL')
  await ended
}

export const until = (what: string, probe: () => Promise<boolean> | boolean) =>
  waitUntil(probe, { timeoutMs: 150_000, everyMs: 50, what })

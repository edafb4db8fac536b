import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { startPostgres } from '@tributary/embedded/postgres'
import { isAlive } from '@tributary/kit/processes'
import { waitUntil } from '@tributary/kit/waitUntil'
import { queryAsOwner } from './database.ts'
import { testPort } from './ports.ts'

/** A Postgres of a test's own, that can be restarted and lose its backends. */
export interface TestPostgres extends AsyncDisposable {
  url: string
  /**
   * With SIGQUIT as `pg_ctl stop -m immediate`: every connection breaks, nothing is flushed, and the next start recovers.
   * With SIGKILL its backends find out by themselves.
   */
  crash(signal?: 'SIGQUIT' | 'SIGKILL'): Promise<void>
  /** Again, on the same port, with the data that it had. */
  start(): Promise<void>
  /** Ends every connection of a database. Returns how many there were. */
  endBackends(databaseUrl: string): Promise<number>
}

export async function createTestPostgres(): Promise<TestPostgres> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
  const data = path.join(directory, 'postgres')
  const port = await testPort()
  let running = await startPostgres(data, port)
  return {
    url: running.url,
    async crash(signal = 'SIGQUIT') {
      process.kill(running.pid, signal)
      await waitUntil(() => !isAlive(running.pid), { timeoutMs: 10_000, everyMs: 10, what: 'Postgres to be gone' })
    },
    async start() {
      running = await startPostgres(data, port)
    },
    async endBackends(databaseUrl) {
      const rows = await queryAsOwner(
        running.url,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
        [new URL(databaseUrl).pathname.slice(1)],
      )
      return rows.length
    },
    async [Symbol.asyncDispose]() {
      await running.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

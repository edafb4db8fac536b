import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { startPostgres } from '@tributary/embedded/postgres'
import type { TestProject } from 'vitest/node'
import { testPort } from './ports.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
  }
}

/** One Postgres for a run; each test file has a database of its own on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
  const port = await testPort()
  const postgres = await startPostgres(path.join(directory, 'postgres'), port)
  project.provide('postgresUrl', postgres.url)
  return async () => {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

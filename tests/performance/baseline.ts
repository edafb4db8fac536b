import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { CreateMany } from './rawBaseline.ts'

/** Bare Fastify and pg, beside an API and over the same database. */
export async function startBaseline(databaseUrl: string, organizationId: string) {
  const applicationName = 'baseline'
  const child = fork(path.join(import.meta.dirname, 'rawBaseline.ts'), {
    env: { ...process.env, PGAPPNAME: applicationName, DATABASE_URL: databaseUrl, ORGANIZATION: organizationId },
  })
  const [port] = await once(child, 'message')
  return {
    applicationName,
    endpoint: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async create(work: CreateMany) {
      child.send(work)
      await once(child, 'message')
    },
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

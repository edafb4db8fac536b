import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { migrate } from '@tributary/database/migrate'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { Client } from 'pg'

export interface TestDatabase extends AsyncDisposable {
  url: string
  /** As the superuser, over a connection of its own. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** A migrated database of its own on the server of this run. */
export async function createTestDatabase(postgresUrl: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await query(postgresUrl, `CREATE DATABASE ${name}`)
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  await migrate(url.href, path.join(projectDirectory, 'prisma/migrations'))
  return {
    url: url.href,
    query: (text, values) => query(url.href, text, values),
    async [Symbol.asyncDispose]() {
      await query(postgresUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function query<Row>(url: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text, [...values])).rows as Row[]
  } finally {
    await client.end()
  }
}

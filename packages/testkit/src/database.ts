import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { migrate } from '@tributary/database/migrate'
import { projectDirectory } from '@tributary/embedded/projectDirectory'
import { Client } from 'pg'

export interface TestDatabase extends AsyncDisposable {
  url: string
}

/** A migrated database of its own on the server of this run. */
export async function createTestDatabase(postgresUrl: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(postgresUrl, `CREATE DATABASE ${name}`)
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  await migrate(url.href, path.join(projectDirectory, 'prisma/migrations'))
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => administer(postgresUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

async function administer(postgresUrl: string, statement: string) {
  const client = new Client({ connectionString: postgresUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

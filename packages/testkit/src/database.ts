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
  await queryAsOwner(postgresUrl, `CREATE DATABASE ${name}`)
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  await migrate(url.href, path.join(projectDirectory, 'prisma/migrations'))
  return {
    url: url.href,
    query: (text, values) => queryAsOwner(url.href, text, values),
    async [Symbol.asyncDispose]() {
      await queryAsOwner(postgresUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

/** Lets nobody connect to a test's database, and ends whoever is; or lets them again. */
export async function setDatabaseReachable(databaseUrl: string, reachable: boolean): Promise<void> {
  const server = new URL(databaseUrl)
  const name = server.pathname.slice(1)
  server.pathname = '/postgres'
  await queryAsOwner(server.href, `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS ${reachable}`)
  if (reachable) return
  await queryAsOwner(server.href, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])
}

/** One statement as the superuser, over a connection of its own. */
export async function queryAsOwner<Row>(url: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  await using connection = await connectAsOwner(url)
  return await connection.query<Row>(text, values)
}

export interface OwnersConnection extends AsyncDisposable {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** For many statements as the superuser, one after another. */
export async function connectAsOwner(url: string): Promise<OwnersConnection> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as Row[],
    [Symbol.asyncDispose]: () => client.end(),
  }
}

import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Client } from 'pg'
import sql from 'sql-template-tag'
import type { Database } from './database.ts'

/**
 * Applies the migrations in Prisma's format and keeps Prisma's own table of them, so that
 * `prisma migrate` agrees wherever it is used instead. An advisory lock lets one starter do it.
 */
export async function migrate(url: string, directory: string): Promise<string[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock(72707369)')
    await client.query(migrationsTable)
    const applied = await appliedChecksums(client)
    const names = await migrationNames(directory)
    const fresh: string[] = []
    for (const name of names) {
      const script = await readFile(path.join(directory, name, 'migration.sql'), 'utf8')
      const checksum = createHash('sha256').update(script).digest('hex')
      const known = applied.get(name)
      if (known === undefined) {
        await apply(client, name, script, checksum)
        fresh.push(name)
      } else if (known !== checksum) {
        throw new Error(`The migration ${name} was changed after it was applied. Restore its file.`)
      }
    }
    return fresh
  } finally {
    await client.end()
  }
}

async function migrationNames(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
}

/** The migrations of `directory` that this database still lacks. */
export async function pendingMigrations(database: Database, directory: string): Promise<string[]> {
  const names = await migrationNames(directory)
  const applied = await database.query<{ migration_name: string }>(sql`
    SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`)
  const known = new Set(applied.map((row) => row.migration_name))
  return names.filter((name) => !known.has(name))
}

async function appliedChecksums(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  )
  return new Map(rows.map((row) => [row.migration_name, row.checksum]))
}

async function apply(client: Client, name: string, script: string, checksum: string) {
  await client.query('BEGIN')
  try {
    await client.query(script)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

const migrationsTable = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                   varchar(36)  PRIMARY KEY NOT NULL,
    checksum             varchar(64)  NOT NULL,
    finished_at          timestamptz,
    migration_name       varchar(255) NOT NULL,
    logs                 text,
    rolled_back_at       timestamptz,
    started_at           timestamptz  NOT NULL DEFAULT now(),
    applied_steps_count  integer      NOT NULL DEFAULT 0
  )`

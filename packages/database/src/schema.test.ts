import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createTestDatabase } from '@tributary/testkit/database'
import { describe, expect, inject, it } from 'vitest'

/** Table and column: type, and whether it may be NULL. */
type Columns = Record<string, string>

const schemaFile = path.resolve(import.meta.dirname, '../../../prisma/schema.prisma')

const postgresTypes: Readonly<Record<string, string>> = {
  '@db.Uuid': 'uuid',
  '@db.Timestamptz(6)': 'timestamptz',
  String: 'text',
  Boolean: 'bool',
  Int: 'int4',
  BigInt: 'int8',
  Json: 'jsonb',
  Bytes: 'bytea',
}

async function declaredColumns(): Promise<Columns> {
  const schema = await readFile(schemaFile, 'utf8')
  const columns: Columns = {}
  for (const [, body = ''] of schema.matchAll(/^model \w+ \{\n(.*?)\n\}/gms)) {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1]
    for (const [, field = '', type = '', optional, attributes = ''] of body.matchAll(/^ {2}(\w+) +(\w+)(\?)?(.*)$/gm)) {
      const native = postgresTypes[/@db\.\S+/.exec(attributes)?.[0] ?? type]
      // What has none is another model: a relation.
      if (native === undefined) continue
      const column = / @map\("(\w+)"\)/.exec(attributes)?.[1] ?? field
      columns[`${table}.${column}`] = `${native}${optional === undefined ? '' : ' NULL'}`
    }
  }
  return columns
}

describe('Prisma’s models are the tables that the migrations make', () => {
  it('with every column, its type, and whether it may be NULL', async () => {
    await using database = await createTestDatabase(inject('postgresUrl'))
    const rows = await database.query<{ column: string; type: string }>(`
      SELECT table_name || '.' || column_name AS column,
             udt_name || CASE WHEN is_nullable = 'YES' THEN ' NULL' ELSE '' END AS type
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`)
    const migrated = Object.fromEntries(rows.map(({ column, type }) => [column, type]))
    expect(Object.keys(migrated).length).toBeGreaterThan(50)
    expect(await declaredColumns()).toEqual(migrated)
  })
})

import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import { raw } from 'sql-template-tag'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Database, type Scope } from './database.ts'

/** What is no tenant's, and all that the API may do with it. Every other table has an organization, or fails here. */
const ofNoTenant: Readonly<Record<string, readonly string[]>> = {
  _prisma_migrations: ['SELECT'],
  outbox: ['INSERT'],
  service_quotas: ['SELECT'],
}

/** What is asked before the organization is known, or of all: who shows a credential, that keys were used, how much there is to do. */
const definers = ['find_api_key', 'find_session', 'find_user_by_email', 'touch_api_keys', 'engine_summary']

interface Table {
  name: string
  /** The column that says whose a row is. */
  tenant: string
  columns: { name: string; type: string }[]
}

let test: TestDatabase
let api: Database
let names: string[]
let tables: Table[]
const [ours, theirs] = [randomUUID(), randomUUID()]

beforeAll(async () => {
  test = await createTestDatabase(inject('postgresUrl'))
  api = new Database({ url: test.url, role: 'tributary_api', maxConnections: 1 })
  const relations = await test.query<{ name: string; columns: Table['columns'] }>(`
    SELECT relname AS name, json_agg(json_build_object('name', attname, 'type', format_type(atttypid, NULL)) ORDER BY attnum) AS columns
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') AND attnum > 0 AND NOT attisdropped
    GROUP BY relname ORDER BY relname`)
  names = relations.map(({ name }) => name)
  tables = relations.flatMap(({ name, columns }) => {
    const tenant = name === 'organizations' ? 'id' : columns.find((column) => column.name === 'organization_id')?.name
    return tenant === undefined ? [] : [{ name, tenant, columns }]
  })
  await fill()
})
afterAll(async () => {
  await api.close()
  await test[Symbol.asyncDispose]()
})

/** A row of each organization in every table. A replica asks no trigger and no foreign key, so their order is free. */
async function fill(): Promise<void> {
  const statements = tables.flatMap((table) =>
    [ours, theirs].map((organization) => insertion(table, JSON.stringify(rowOf(table, organization)))),
  )
  await test.query(`SET session_replication_role = replica; ${statements.join(';')}`)
}

let count = 0
function rowOf({ tenant, columns }: Table, organization: string): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({ name, type }) => [name, name === tenant ? organization : valueOf(type, ++count)]),
  )
}

function valueOf(type: string, number: number): unknown {
  switch (type) {
    case 'text':
      return `value-${number}`
    case 'uuid':
      return randomUUID()
    case 'integer':
    case 'bigint':
      return number
    case 'boolean':
      return false
    case 'jsonb':
      return []
    case 'bytea':
      return String.raw`\x01`
    case 'timestamp with time zone':
      return '2026-01-01T00:00:00Z'
    default:
      throw new Error(`say here what a value of ${type} looks like`)
  }
}

/** Of JSON without a quote in it. */
const insertion = ({ name }: Table, row: string) =>
  `INSERT INTO ${name} SELECT * FROM jsonb_populate_record(NULL::${name}, '${row}')`

/** All rows that are theirs, as the superuser sees them. */
const stateOfTheirs = () =>
  Promise.all(
    tables.map(async ({ name, tenant }) => [
      name,
      await test.query(`SELECT t::text FROM ${name} t WHERE ${tenant} = $1 ORDER BY 1`, [theirs]),
    ]),
  )

/** Whose rows a statement of the API would see or change, or why it was refused. Nothing of it stays. */
async function attempt(organization: string | undefined, statement: string): Promise<string[] | string> {
  const undone = new Error('undone')
  let whose: string[] = []
  const work = async (query: Scope['query']) => {
    whose = (await query<{ whose: string }>(raw(statement))).map((row) => row.whose)
    throw undone
  }
  try {
    await (organization === undefined
      ? api.untenanted(work)
      : api.transaction(organization, (scope) => work((made) => scope.query(made))))
  } catch (error) {
    if (error !== undone) return (error as Error).message
  }
  return whose
}

/** Statements of a repository that forgot whose rows it may see, and one that means another's. */
function forgetful(table: Table): Record<'read' | 'change' | 'delete' | 'add' | 'move', string> {
  const { name, tenant, columns } = table
  const returning = `RETURNING ${tenant}::text AS whose`
  const others = columns.map((column) => column.name).filter((column) => column !== tenant)
  return {
    read: `SELECT ${tenant}::text AS whose FROM ${name}`,
    change: `UPDATE ${name} SET ${others.map((column) => `${column} = ${column}`).join(', ')} ${returning}`,
    delete: `DELETE FROM ${name} ${returning}`,
    add: `${insertion(table, JSON.stringify(rowOf(table, theirs)))} ${returning}`,
    move: `UPDATE ${name} SET ${tenant} = '${theirs}' ${returning}`,
  }
}

async function results(table: Table, organization: string | undefined): Promise<Record<string, string[] | string>> {
  const found: Record<string, string[] | string> = {}
  for (const [what, statement] of Object.entries(forgetful(table))) found[what] = await attempt(organization, statement)
  return found
}

/** Where nothing can be deleted at all: counters stay, and an organization has rows of its own in other tables. */
const kept: Readonly<Record<string, unknown>> = {
  applied_service_quotas: 'permission denied for table applied_service_quotas',
  organizations: expect.stringContaining('violates foreign key constraint'),
}

const refusal = (name: string) => `new row violates row-level security policy for table "${name}"`

describe('a statement that forgets its organization', () => {
  it('reaches in every table the rows of the organization that it works in, and no others', async () => {
    const before = await stateOfTheirs()
    expect(tables.length).toBeGreaterThan(15)
    for (const table of tables) {
      const { name } = table
      expect([name, await results(table, ours)]).toEqual([
        name,
        { read: [ours], change: [ours], delete: kept[name] ?? [ours], add: refusal(name), move: refusal(name) },
      ])
    }
    expect(await stateOfTheirs()).toEqual(before)
  })

  it('finds what is of its organization where others ask over the same connection', async () => {
    const asked = tables.flatMap(({ name, tenant }) =>
      [ours, theirs].map((organization) => ({ name, tenant, organization })),
    )
    const found = asked.map(({ name, tenant, organization }) =>
      api.within(organization).find(raw(`SELECT array_agg(DISTINCT ${tenant}::text) AS whose FROM ${name}`)),
    )
    expect(await Promise.all(found)).toEqual(asked.map(({ organization }) => ({ whose: [organization] })))
  })

  it('reaches nothing where no organization was named', async () => {
    const before = await stateOfTheirs()
    for (const table of tables) {
      const { name } = table
      const { delete: deleted, ...found } = await results(table, undefined)
      expect([name, found]).toEqual([name, { read: [], change: [], add: refusal(name), move: [] }])
      expect([[], kept[name]]).toContainEqual(deleted)
    }
    expect(await stateOfTheirs()).toEqual(before)
  })

  it('finds nothing of a tenant where a table has no organization', async () => {
    const rest = names.filter((name) => !tables.some((table) => table.name === name))
    const granted = await test.query<{ name: string; privileges: string[] }>(
      `SELECT relname AS name, ARRAY(
         SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p WHERE has_table_privilege('tributary_api', oid, p)
       ) AS privileges FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY($1)`,
      [rest],
    )
    expect(Object.fromEntries(granted.map(({ name, privileges }) => [name, privileges]))).toEqual(ofNoTenant)
  })

  it('gets past policies only through functions that are named here', async () => {
    const functions = await test.query<{ name: string }>(
      `SELECT proname AS name FROM pg_proc
       WHERE prosecdef AND pronamespace = 'public'::regnamespace AND has_function_privilege('tributary_api', oid, 'EXECUTE')`,
    )
    expect(functions.map(({ name }) => name).toSorted()).toEqual(definers.toSorted())
  })
})

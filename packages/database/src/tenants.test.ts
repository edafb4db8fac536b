import { randomUUID } from 'node:crypto'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import sql from 'sql-template-tag'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Database } from './database.ts'

let test: TestDatabase
let api: Database
let worker: Database
const [a, b] = [randomUUID(), randomUUID()]

beforeAll(async () => {
  test = await createTestDatabase(inject('postgresUrl'))
  api = new Database({ url: test.url, role: 'tributary_api', maxConnections: 1 })
  worker = new Database({ url: test.url, role: 'tributary_worker', maxConnections: 1 })
  for (const id of [a, b]) {
    await worker.query(
      sql`INSERT INTO organizations (id, display_name, wrapped_data_key) VALUES (${id}::uuid, ${id}, '')`,
    )
    await worker.query(
      sql`INSERT INTO environments (id, organization_id, display_name) VALUES (${id}, ${id}::uuid, 'e')`,
    )
  }
})
afterAll(async () => {
  await api.close()
  await worker.close()
  await test[Symbol.asyncDispose]()
})

const environments = sql`SELECT id FROM environments ORDER BY id`

describe('a statement that forgets whose rows it may see still sees only those of its organization', () => {
  it('reads the rows of the organization that it works in', async () => {
    expect(await api.within(a).query(environments)).toEqual([{ id: a }])
    expect(await api.within(b).query(environments)).toEqual([{ id: b }])
    expect(await api.within(a).query(sql`SELECT id FROM organizations`)).toEqual([{ id: a }])
    const seen = await api.transaction(b, (scope) => scope.transaction((inner) => inner.query(environments)))
    expect(seen).toEqual([{ id: b }])
  })

  it('reads nothing outside any organization, on a connection that was inside one', async () => {
    expect(await api.within(a).query(environments)).toHaveLength(1)
    expect(await api.query(environments)).toEqual([])
    expect(await api.untenanted((query) => query(environments))).toEqual([])
  })

  it('changes and deletes nothing of another', async () => {
    const scope = api.within(a)
    expect(await scope.query(sql`UPDATE environments SET display_name = 'x' WHERE id = ${b} RETURNING id`)).toEqual([])
    expect(await scope.query(sql`DELETE FROM environments WHERE id = ${b} RETURNING id`)).toEqual([])
    expect(await worker.query(sql`SELECT display_name FROM environments WHERE id = ${b}`)).toEqual([
      { display_name: 'e' },
    ])
  })

  it('puts nothing into another', async () => {
    const foreign = sql`INSERT INTO environments (id, organization_id, display_name) VALUES ('env-x', ${b}::uuid, 'x')`
    await expect(api.within(a).query(foreign)).rejects.toThrow(/row-level security/)
    const moved = sql`UPDATE environments SET organization_id = ${b}::uuid WHERE id = ${a}`
    await expect(api.within(a).query(moved)).rejects.toThrow(/row-level security/)
  })

  it('is asked for by roles that own nothing and bypass nothing', async () => {
    const roles = await worker.query(sql`
      SELECT rolname FROM pg_roles WHERE rolname IN ('tributary_api', 'tributary_worker') AND (rolsuper OR rolbypassrls)
      UNION ALL SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tableowner LIKE 'tributary_%'`)
    expect(roles).toEqual([])
  })
})

import { waitUntil } from '@tributary/kit/waitUntil'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import sql from 'sql-template-tag'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Database, isConnectionError } from './database.ts'
import { isContention } from './databaseErrors.ts'

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject('postgresUrl'))
  database = new Database({ url: testDatabase.url, role: 'tributary_api', maxConnections: 2, statementTimeoutMs: 300 })
})
afterAll(async () => {
  await database.close()
  await testDatabase[Symbol.asyncDispose]()
})

const cutConnections = () =>
  testDatabase.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  )
const notify = () => testDatabase.query('NOTIFY bell')
const until = (what: string, probe: () => boolean | Promise<boolean>) =>
  waitUntil(probe, { timeoutMs: 10_000, everyMs: 10, what })

describe('a listener hears again after each time its connection was cut', () => {
  it('and is rung once for what it may have missed', async () => {
    let heard = 0
    const errors: unknown[] = []
    const listening = database.listen(
      'bell',
      () => heard++,
      (error) => errors.push(error),
    )
    for (let cut = 1; cut <= 3; cut++) {
      await until('the ring of a new connection', () => heard === 1)
      await notify()
      await until('a notification', () => heard === 2)
      heard = 0
      await cutConnections()
    }
    await until('the ring of a new connection', () => heard === 1)
    const sessions = await testDatabase.query(`SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN bell'`)
    expect(sessions).toHaveLength(1)
    expect(errors.length).toBeGreaterThanOrEqual(3)
    await listening.stop()
    await until('the connection to be closed', async () => {
      const left = await testDatabase.query(`SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN bell'`)
      return left.length === 0
    })
  })
})

describe('nobody waits for ever for a database', () => {
  it('a statement that takes too long is ended, and its connection goes on', async () => {
    const error = await database.query(sql`SELECT pg_sleep(30)`).catch((thrown: unknown) => thrown)
    expect(isContention(error)).toBe(true)
    expect(isConnectionError(error)).toBe(false)
    expect(await database.query(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }])
  })

  it('connections that are cut while a transaction is open fail that transaction and nothing else', async () => {
    const open = Promise.withResolvers<void>()
    const cut = Promise.withResolvers<void>()
    const work = database.untenanted(async (query) => {
      await query(sql`SELECT 1`)
      open.resolve()
      // Between two statements: nobody awaits this connection when it breaks.
      await cut.promise
      return query(sql`SELECT 1`)
    })
    const failed = work.catch((thrown: unknown) => thrown)
    await open.promise
    await cutConnections()
    await notify()
    cut.resolve()
    expect(isConnectionError(await failed)).toBe(true)
    expect(await database.query(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }])
  })
})

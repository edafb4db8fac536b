import { randomUUID } from 'node:crypto'
import { Database, type Scope } from '@tributary/database/database'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import sql from 'sql-template-tag'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { answerOnceByBrokers, type OnlyOnce, type StoredAnswer } from './idempotency.ts'

let testDatabase: TestDatabase
let database: Database
let scope: Scope
let once: OnlyOnce

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject('postgresUrl'))
  database = new Database({ url: testDatabase.url, role: 'tributary_api', maxConnections: 1 })
})
afterAll(async () => {
  await database.close()
  await testDatabase[Symbol.asyncDispose]()
})
beforeEach(() => {
  scope = database.within(randomUUID())
  once = { principalId: 'sa-a', key: randomUUID(), fingerprint: 'make a topic' }
})

const answered = (body: string): StoredAnswer => ({ status: 201, body })

/** A request that is being carried out until it is told how that ended. */
async function begun() {
  const { promise: beginning, resolve: begin } = Promise.withResolvers<void>()
  const { promise: ending, resolve: succeed, reject: fail } = Promise.withResolvers<StoredAnswer>()
  const answer = answerOnceByBrokers(scope, once, () => {
    begin()
    return ending
  })
  answer.catch(() => undefined)
  await beginning
  return { answer, succeed, fail }
}

const never = () => Promise.reject(new Error('this one is not to be carried out'))

const age = (by: string) =>
  testDatabase.query(`UPDATE idempotency_records SET created_at = created_at - interval '${by}'`)

describe('a request that brokers carry out', () => {
  it('holds no connection meanwhile, and answers another one like it', async () => {
    const first = await begun()
    const second = answerOnceByBrokers(scope, once, never)
    await expect(scope.query(sql`SELECT 1 AS one`)).resolves.toEqual([{ one: 1 }])
    first.succeed(answered('made'))
    await expect(Promise.all([first.answer, second])).resolves.toEqual([answered('made'), answered('made')])
    await expect(answerOnceByBrokers(scope, once, never)).resolves.toEqual(answered('made'))
  })

  it('is carried out by another one when it failed', async () => {
    const first = await begun()
    const second = answerOnceByBrokers(scope, once, () => Promise.resolve(answered('made by the second')))
    first.fail(new Error('refused'))
    await expect(first.answer).rejects.toThrow('refused')
    await expect(second).resolves.toEqual(answered('made by the second'))
  })

  it('keeps its key from others while it is on its way', async () => {
    const first = await begun()
    const other = { ...once, fingerprint: 'make another topic' }
    await expect(answerOnceByBrokers(scope, other, never)).rejects.toMatchObject({ status: 422 })
    first.succeed(answered('made'))
    await first.answer
  })

  it('may be made again a minute after its API ended, and gives no answer when it wakes after all', async () => {
    const first = await begun()
    await age('61 seconds')
    await expect(answerOnceByBrokers(scope, once, () => Promise.resolve(answered('made again')))).resolves.toEqual(
      answered('made again'),
    )
    first.succeed(answered('too late'))
    await first.answer
    await expect(answerOnceByBrokers(scope, once, never)).resolves.toEqual(answered('made again'))
  })
})

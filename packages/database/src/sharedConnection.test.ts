import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { isConnectionError } from './databaseErrors.ts'
import { SharedConnection } from './sharedConnection.ts'

let test: TestDatabase
let shared: SharedConnection

beforeAll(async () => {
  test = await createTestDatabase(inject('postgresUrl'))
  shared = new SharedConnection({ connectionString: test.url, application_name: 'shared', query_timeout: 1000 })
})
afterAll(async () => {
  await shared.close()
  await test[Symbol.asyncDispose]()
})

const ask = async (n: number) => {
  const [row] = await shared.query<{ n: number; pid: number }>({
    name: 'ask',
    text: 'SELECT 10 / $1::int AS n, pg_backend_pid() AS pid',
    values: [n],
  })
  return row
}
const sleep = (seconds: number) => shared.query({ text: `SELECT pg_sleep(${seconds})` })
const endBackend = () =>
  test.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shared'")

describe('a connection that many share', () => {
  it('answers each what it asked, and fails only what failed', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 200 }, (_, n) => ask(n % 10)))
    const answers = asked.map((one) => (one.status === 'fulfilled' ? one.value?.n : one.reason.code))
    expect(answers).toEqual(Array.from({ length: 200 }, (_, n) => (n % 10 === 0 ? '22012' : Math.floor(10 / (n % 10)))))
    const backends = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value?.pid] : []))
    expect(new Set(backends).size).toBe(1)
  })

  it('is in the organization that each names, and tells nobody where it cannot be', async () => {
    const text = "SELECT current_setting('tributary.organization') AS organization"
    const whose = (organization: string) =>
      shared.query<{ organization: string }>({ name: 'whose', text }, organization).then(
        ([row]) => row?.organization,
        (error: { code: string }) => error.code,
      )
    // No text of Postgres: it refuses the name, and what comes behind it would be in the organization before.
    const impossible = 'a\0b'
    const names = ['a', 'a', 'b', impossible, impossible, 'b', 'a', impossible, 'a']
    const answers = await Promise.all([...names.map(whose), ask(1).then((row) => row?.n)])
    expect(answers).toEqual([...names.map((name) => (name === impossible ? '22021' : name)), 10])
    expect(await Promise.all([whose(impossible), whose(impossible)])).toEqual(['22021', '22021'])
    expect(await whose('a')).toBe('a')
  })

  it('is lost when nothing is answered for a while, not when many answers take as long together', async () => {
    const before = await ask(1)
    await Promise.all(Array.from({ length: 5 }, () => sleep(0.25)))
    expect((await ask(1))?.pid).toBe(before?.pid)
    const unanswered = await Promise.all([sleep(60), ask(1)].map((one) => one.then(() => false, isConnectionError)))
    expect(unanswered).toEqual([true, true])
    expect((await ask(1))?.pid).not.toBe(before?.pid)
  })

  it('breaks for all that are under way, and is another one afterwards', async () => {
    const before = await ask(1)
    const asleep = Array.from({ length: 3 }, () => sleep(60))
    const failures = Promise.all(asleep.map((one) => one.then(() => false, isConnectionError)))
    await endBackend()
    expect(await failures).toEqual([true, true, true])
    const after = await ask(1)
    expect(after?.pid).not.toBe(before?.pid)
  })
})

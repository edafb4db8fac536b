import { createTestDatabase } from '@tributary/testkit/database'
import { describe, expect, inject, it } from 'vitest'
import { Database } from './database.ts'
import { prunings } from './prune.ts'

describe('what nobody asks for any more is deleted, and nothing else', () => {
  it('finished steps after 30 days and answers after 24 hours, however many, and keys that expired', async () => {
    await using testDatabase = await createTestDatabase(inject('postgresUrl'))
    const database = new Database({ url: testDatabase.url, role: 'tributary_worker' })
    await testDatabase.query(`
      INSERT INTO steps (kind, resource_id, organization_id, generation, name, status, started_at)
      SELECT 'thing', name, gen_random_uuid(), 1, name, status, now() - age::interval
      FROM (VALUES ('old', 'COMPLETED', '31 days', 2500), ('old', 'FAILED', '31 days', 1),
                   ('still running', 'RUNNING', '31 days', 1), ('young', 'COMPLETED', '29 days', 1)) AS step (name, status, age, times)
      CROSS JOIN LATERAL generate_series(1, times)`)
    await testDatabase.query(`
      INSERT INTO idempotency_records (organization_id, principal, key_hash, request_hash, created_at)
      SELECT gen_random_uuid(), age, int4send(n), '', now() - age::interval
      FROM (VALUES ('25 hours', 2001), ('23 hours', 1)) AS record (age, times) CROSS JOIN LATERAL generate_series(1, times) AS n`)
    await testDatabase.query(`
      WITH owner AS (INSERT INTO organizations (id, display_name, wrapped_data_key) VALUES (gen_random_uuid(), 'o', '') RETURNING id)
      INSERT INTO api_keys (id, organization_id, owner_id, resource_id, display_name, description, salt, hash, expires_at)
      SELECT name, owner.id, 'sa-a', cluster, '', '', '', '', now() + expires::interval
      FROM owner, (VALUES ('expired', NULL, '-1 s'), ('expires', NULL, '1 hour'), ('never expires', NULL, NULL),
                          ('ends with the access of its cluster', 'lkc-a', '-1 s')) AS key (name, cluster, expires)`)

    const prune = async () => ({
      steps: await prunings.steps(database),
      answers: await prunings.answers(database),
      keys: await prunings.keys(database),
    })
    expect(await prune()).toEqual({ steps: 2501, answers: 2001, keys: 1 })
    expect(await prune()).toEqual({ steps: 0, answers: 0, keys: 0 })
    expect(await testDatabase.query('SELECT id FROM api_keys WHERE deleted_at IS NOT NULL')).toEqual([
      { id: 'expired' },
    ])
    expect(await testDatabase.query('SELECT name FROM steps ORDER BY name')).toEqual([
      { name: 'still running' },
      { name: 'young' },
    ])
    expect(await testDatabase.query('SELECT principal FROM idempotency_records')).toEqual([{ principal: '23 hours' }])
    await database.close()
  })
})

import { randomUUID } from 'node:crypto'
import { waitUntil } from '@tributary/kit/waitUntil'
import { createTestDatabase, type TestDatabase } from '@tributary/testkit/database'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createPrisma, Database, type Prisma } from './database.ts'
import { LeaseLost, type Lease } from './lease.ts'
import { Resources } from './resources.ts'
import { Steps } from './steps.ts'

let testDatabase: TestDatabase
let database: Database
let prisma: Prisma
/** Of a worker that keeps its leases, and of one whose leases are over when it looks again. */
let resources: Resources
let lapsing: Resources

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject('postgresUrl'))
  database = new Database({ url: testDatabase.url, role: 'tributary_worker' })
  prisma = createPrisma({ url: testDatabase.url, role: 'tributary_worker' })
  resources = new Resources(database, prisma, 60_000)
  lapsing = new Resources(database, prisma, 1)
})
afterAll(async () => {
  await prisma.$disconnect()
  await database.close()
  await testDatabase[Symbol.asyncDispose]()
})

const kind = 'thing'
const anHour = 3_600_000

async function newResource(): Promise<string> {
  const id = randomUUID()
  await testDatabase.query('INSERT INTO resources (kind, id, organization_id) VALUES ($1, $2, $3)', [
    kind,
    id,
    randomUUID(),
  ])
  return id
}

async function acquired(from: Resources, id: string): Promise<Lease> {
  return waitUntil(() => from.acquire(kind, id, 'test'), { timeoutMs: 5000, everyMs: 5, what: 'the lease' })
}

const release = (lease: Lease, checkAfterMs = anHour) =>
  resources.release(lease, { conditions: [], settled: true, failures: 0, checkAfterMs })
const desireAgain = (id: string) =>
  testDatabase.query('UPDATE resources SET generation = generation + 1, next_check_at = now() WHERE id = $1', [id])
const isDue = async (id: string) => (await resources.due([kind], 1000)).some((due) => due.id === id)

describe('one holds the lease of a resource', () => {
  it('of many who ask at the same time, one gets it', async () => {
    const id = await newResource()
    const leases = await Promise.all(Array.from({ length: 20 }, (_, n) => resources.acquire(kind, id, `worker ${n}`)))
    expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1)
  })

  it('is free when it was let go, and when its time is over', async () => {
    const id = await newResource()
    await release(await acquired(resources, id))
    await acquired(lapsing, id)
    await acquired(resources, id)
    expect(await resources.acquire(kind, id, 'test')).toBeUndefined()
  })

  it('is not renewed when its time is over', async () => {
    const lease = await acquired(lapsing, await newResource())
    await waitUntil(async () => !(await lapsing.renew(lease)), { timeoutMs: 5000, everyMs: 5, what: 'the end of it' })
    expect(await resources.renew(lease)).toBe(false)
  })
})

describe('tokens only grow', () => {
  it('over takers of a lease, and over a resource that was forgotten and is asked for again', async () => {
    const id = await newResource()
    const first = await acquired(lapsing, id)
    const second = await acquired(resources, id)
    expect(second.token).toBeGreaterThan(first.token)
    expect(await resources.forget(second)).toBe('forgotten')
    await testDatabase.query('INSERT INTO resources (kind, id, organization_id) VALUES ($1, $2, $3)', [
      kind,
      id,
      second.organizationId,
    ])
    expect((await acquired(resources, id)).token).toBeGreaterThan(second.token)
  })
})

describe('whoever comes late writes nothing', () => {
  it('under a token that another has taken over', async () => {
    const id = await newResource()
    const late = await acquired(lapsing, id)
    const holder = await acquired(resources, id)
    const steps = new Steps(database)
    const running = await steps.begin(holder, 'build')

    await expect(
      resources.fenced(late, (tx) => tx.resource.updateMany({ where: { id }, data: { failures: 99 } })),
    ).rejects.toThrow(LeaseLost)
    await expect(steps.begin(late, 'break')).rejects.toThrow(LeaseLost)
    await steps.fail(late, running, { reason: 'Late', message: '' })
    await expect(release(late)).rejects.toThrow(LeaseLost)
    await expect(resources.forget(late)).rejects.toThrow(LeaseLost)
    expect(await resources.renew(late)).toBe(false)

    const [row] = await testDatabase.query('SELECT failures, lease_token FROM resources WHERE id = $1', [id])
    expect(row).toEqual({ failures: 0, lease_token: String(holder.token) })
    const [step] = await testDatabase.query('SELECT name, status, attempts FROM steps WHERE resource_id = $1', [id])
    expect(step).toEqual({ name: 'build', status: 'RUNNING', attempts: 1 })
  })

  it('nor half of something: fenced work is rolled back with its error', async () => {
    const id = await newResource()
    const lease = await acquired(resources, id)
    const work = resources.fenced(lease, async (tx) => {
      await tx.resource.updateMany({ where: { id }, data: { failures: 99 } })
      throw new Error('half way')
    })
    await expect(work).rejects.toThrow('half way')
    expect(await testDatabase.query('SELECT failures FROM resources WHERE id = $1', [id])).toEqual([{ failures: 0 }])
  })
})

describe('nothing that happens under a lease is missed', () => {
  it('a newer generation keeps the holder at work', async () => {
    const id = await newResource()
    const lease = await acquired(resources, id)
    await desireAgain(id)
    expect(await release(lease)).toEqual({ lookAgainAt: 2n })
    expect(await resources.acquire(kind, id, 'another')).toBeUndefined()
    expect(await release({ ...lease, generation: 2n })).toEqual({ afterMs: anHour })
  })

  it('nor is a resource forgotten that is asked for again, or whose world changed', async () => {
    const id = await newResource()
    const lease = await acquired(resources, id)
    await desireAgain(id)
    expect(await resources.forget(lease)).toEqual({ lookAgainAt: 2n })
    await resources.touch(kind, [id])
    expect(await resources.forget({ ...lease, generation: 2n })).toEqual({ lookAgainAt: 2n })
    expect(await resources.forget({ ...lease, generation: 2n })).toBe('forgotten')
  })

  it('a touch makes it due as soon as it is let go', async () => {
    const id = await newResource()
    const lease = await acquired(resources, id)
    await resources.touch(kind, [id])
    expect(await isDue(id)).toBe(false)
    expect(await release(lease)).toEqual({ afterMs: 0 })
    expect(await isDue(id)).toBe(true)
  })

  it('a touch before the lease is answered by what is done under it', async () => {
    const id = await newResource()
    await resources.touch(kind, [id])
    expect(await release(await acquired(resources, id))).toEqual({ afterMs: anHour })
    expect(await isDue(id)).toBe(false)
  })
})

describe('what a worker held that is gone is due when its lease ends', () => {
  it('though nobody had set a time for it', async () => {
    const id = await newResource()
    await acquired(lapsing, id)
    expect(await waitUntil(() => isDue(id), { timeoutMs: 5000, everyMs: 5, what: 'its turn' })).toBe(true)
  })

  it('and what no worker knows how to do is not in the way', async () => {
    const id = await newResource()
    expect(await isDue(id)).toBe(true)
    expect((await resources.due(['another kind'], 1000)).map((due) => due.id)).not.toContain(id)
  })
})

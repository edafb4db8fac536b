import type { Admin } from '@platformatic/kafka'
import { waitUntil } from '@tributary/kit/waitUntil'
import { afterEach, describe, expect, it } from 'vitest'
import { AdminPool } from './adminPool.ts'
import { readWithAdmin, withAdmin, type KafkaConnection } from './connection.ts'

/** Nobody listens there. */
const connection = (clients: AdminPool, username = 'KEY', password = 'secret'): KafkaConnection => ({
  clientId: 'test',
  bootstrap: [{ host: '127.0.0.1', port: 1 }],
  tls: undefined,
  sasl: { mechanism: 'PLAIN', username, password },
  clients,
})

let pool: AdminPool
afterEach(() => pool.close())
const lent = (to: KafkaConnection) => withAdmin(to, async (admin) => admin)

describe('an open client is lent', () => {
  it('again to whoever shows the same credentials, and to nobody else', async () => {
    pool = new AdminPool({ idleMs: 60_000, mostClients: 10 })
    const first = await lent(connection(pool))
    expect(await lent(connection(pool))).toBe(first)
    expect(await lent(connection(pool, 'OTHER'))).not.toBe(first)
    expect(await lent(connection(pool, 'KEY', 'another secret'))).not.toBe(first)
    expect(first.closed).toBe(false)
  })

  it('until nobody wants it for a while', async () => {
    pool = new AdminPool({ idleMs: 20, mostClients: 10 })
    const first = await lent(connection(pool))
    await waitUntil(() => first.closed, { timeoutMs: 5000, everyMs: 5, what: 'the idle client to close' })
    expect(await lent(connection(pool))).not.toBe(first)
  })

  it('and not closed while somebody works with it', async () => {
    pool = new AdminPool({ idleMs: 0, mostClients: 1 })
    await withAdmin(connection(pool), async (admin) => {
      expect(await lent(connection(pool))).toBe(admin)
      const other = await lent(connection(pool, 'OTHER'))
      await waitUntil(() => other.closed, { timeoutMs: 5000, everyMs: 5, what: 'the other client to close' })
      expect(admin.closed).toBe(false)
    })
  })

  it('and the one that was longest without work makes room', async () => {
    pool = new AdminPool({ idleMs: 60_000, mostClients: 2 })
    const clients: Admin[] = []
    for (const name of ['A', 'B', 'A', 'C']) clients.push(await lent(connection(pool, name)))
    expect(clients.map(({ closed }) => closed)).toEqual([false, true, false, false])
  })

  it('and thrown away when work fails on it without an answer; reading is tried once more on another', async () => {
    pool = new AdminPool({ idleMs: 60_000, mostClients: 10 })
    const used: Admin[] = []
    const work = async (admin: Admin) => {
      used.push(admin)
      await admin.connections.getFirstAvailable([{ host: '127.0.0.1', port: 1 }])
    }
    await expect(withAdmin(connection(pool), work)).rejects.toThrow('Cannot connect to any broker')
    await expect(readWithAdmin(connection(pool), work)).rejects.toThrow('Cannot connect to any broker')
    expect(new Set(used).size).toBe(3)
    expect(used.map(({ closed }) => closed)).toEqual([true, true, true])
  })

  it('and closed with the pool', async () => {
    pool = new AdminPool({ idleMs: 60_000, mostClients: 10 })
    const client = await lent(connection(pool))
    await pool.close()
    expect(client.closed).toBe(true)
  })
})

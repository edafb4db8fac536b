import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { startPostgres } from './postgres.ts'

/** A second or more of work in which a backend asks for nothing, and so does not find out that its server is gone. */
const busy = 'DO $$ BEGIN FOR n IN 1..150000000 LOOP END LOOP; END $$'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

describe('a Postgres that was killed', () => {
  it('is not started beside its own backends, which write to the same files', async () => {
    await using cleanup = new AsyncDisposableStack()
    const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
    cleanup.defer(() => rm(directory, { recursive: true, force: true }))
    const port = await freePort()
    const killed = await startPostgres(directory, port)
    const client = new Client({ connectionString: killed.url })
    client.on('error', () => undefined)
    await client.connect()
    const backendEnded = new Promise<number>((resolve) => client.once('end', () => resolve(performance.now())))
    client.query(busy).catch(() => undefined)

    process.kill(killed.pid, 'SIGKILL')
    const started = await startPostgres(directory, port)
    const startedAt = performance.now()
    cleanup.defer(() => started.stop())
    expect(await backendEnded).toBeLessThan(startedAt)
    expect(started.pid).not.toBe(killed.pid)
  })
})

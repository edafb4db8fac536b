import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { startRedis } from '@tributary/embedded/redis'
import { testPort } from './ports.ts'

/** A Redis of a test's own, that can be emptied and taken away. */
export interface TestRedis extends AsyncDisposable {
  url: string
  empty(): Promise<void>
  stop(): Promise<void>
  /** Again, on the same port, with nothing in it. */
  start(): Promise<void>
}

export async function createTestRedis(): Promise<TestRedis> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tributary-test-'))
  const port = await testPort()
  let running = await startRedis(directory, port, process.env)
  return {
    url: running.url,
    empty: () => emptyRedis(running.url),
    stop: () => running.stop(),
    async start() {
      running = await startRedis(directory, port, process.env)
    },
    async [Symbol.asyncDispose]() {
      await running.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** FLUSHALL. */
export async function emptyRedis(url: string): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = createConnection(Number(port), hostname)
  socket.end('FLUSHALL\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  if (!answer.toString().startsWith('+OK')) throw new Error(`Redis was not emptied: ${answer.toString()}`)
}

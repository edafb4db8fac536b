import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Admin, MultipleErrors, ProtocolError } from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { clientOptions } from './connection.ts'
import { mayMendItself } from './kafkaErrors.ts'

const answered = (apiId: string) => new MultipleErrors('several', [new ProtocolError(apiId)])

/** What the client makes of a server that deals with connections in that way. */
async function errorOf(deal: (socket: Socket) => void): Promise<unknown> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    deal(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bootstrap = [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }]
  const options = clientOptions({ clientId: 'test', bootstrap, tls: undefined })
  const admin = new Admin({ ...options, requestTimeout: 200, timeout: 200, retries: 0 })
  try {
    return await admin.listTopics().then(
      () => undefined,
      (error: unknown) => error,
    )
  } finally {
    await admin.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

describe('what may mend itself', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => undefined],
    ['hangs up', (socket) => socket.destroy()],
    ['hangs up in the middle of a request', (socket) => void socket.once('data', () => socket.destroy())],
  ])('is a broker that %s', async (_, deal) => {
    const error = await errorOf(deal)
    expect(error).toBeInstanceOf(Error)
    expect(mayMendItself(error)).toBe(true)
  })

  it('is what a broker cannot do for now, and not what it refuses', () => {
    expect(mayMendItself(answered('NOT_ENOUGH_REPLICAS'))).toBe(true)
    expect(mayMendItself(answered('COORDINATOR_NOT_AVAILABLE'))).toBe(true)
    expect(mayMendItself(answered('CLUSTER_AUTHORIZATION_FAILED'))).toBe(false)
    expect(mayMendItself(new TypeError('a mistake of ours'))).toBe(false)
  })
})

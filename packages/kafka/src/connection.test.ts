import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { withAdmin } from './connection.ts'
import { isAuthenticationFailure } from './kafkaErrors.ts'

describe('a broker that goes away while a client logs in', () => {
  it('fails what was asked for, and not the process that asked', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { address: host, port } = server.address() as AddressInfo
    const asked = withAdmin(
      {
        clientId: 'test',
        bootstrap: [{ host, port }],
        tls: undefined,
        sasl: { mechanism: 'PLAIN', username: 'user', password: 'password' },
      },
      (admin) => admin.metadata({ topics: [] }),
    )
    await expect(asked.catch(isAuthenticationFailure)).resolves.toBe(false)
    server.close()
    await once(server, 'close')
  })
})

import { createServer, connect, type Socket } from 'node:net'

/** Stands between a client and a server that is to fail as networks and machines do. */
export interface TcpProxy extends AsyncDisposable {
  port: number
  /** Closes every connection and refuses new ones, as when the server died. */
  cut(): Promise<void>
  /** Keeps connections open and passes nothing on, as when the server hangs. */
  hang(): void
  mend(): Promise<void>
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let hanging = false
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const upstream = connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => hanging || upstream.write(bytes))
    upstream.on('data', (bytes) => hanging || client.write(bytes))
    client.resume()
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const { port } = address
  const cut = async () => {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    port,
    cut,
    hang: () => {
      hanging = true
    },
    mend: async () => {
      hanging = false
      if (server.listening) for (const socket of sockets) socket.destroy()
      else await listen(port)
    },
    [Symbol.asyncDispose]: cut,
  }
}

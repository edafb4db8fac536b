import { createServer } from 'node:net'

export interface PortRange {
  first: number
  last: number
}

/**
 * A port in the range that nothing listens on now and no workload of this installation has. The
 * range lies below the ephemeral ports, so that no outgoing connection can take one while a broker
 * is down. Where to start looking is random: two installations on one machine seldom meet.
 */
export async function freePort(host: string, range: PortRange, taken: ReadonlySet<number>): Promise<number> {
  const size = range.last - range.first + 1
  const start = Math.floor(Math.random() * size)
  for (let offset = 0; offset < size; offset++) {
    const port = range.first + ((start + offset) % size)
    if (!taken.has(port) && (await isFree(host, port))) return port
  }
  throw new Error(`No port between ${range.first} and ${range.last} is free on ${host}.`)
}

export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

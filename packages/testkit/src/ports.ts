import { createServer, type Server } from 'node:net'
import { isFree, type PortRange } from '@tributary/orchestrators/local/ports'

/** Below the ephemeral ports, and apart from those that installations take by themselves. */
const all: PortRange = { first: 15_000, last: 19_999 }
const size = 100
/** Of a slice, for all but brokers. */
const singles = 20

/**
 * Ports that nobody else is given, in this or another run: a broker gets to its port seconds after that was chosen.
 * Whoever has a slice listens on its first port for as long as it needs the others.
 */
export class PortSlice implements Disposable {
  readonly #lock: Server
  readonly #first: number
  #given: number

  private constructor(lock: Server, first: number) {
    this.#lock = lock
    this.#first = first
    this.#given = first
  }

  static async claim(): Promise<PortSlice> {
    const count = (all.last - all.first + 1) / size
    const start = Math.floor(Math.random() * count)
    for (let offset = 0; offset < count; offset++) {
      const first = all.first + ((start + offset) % count) * size
      const lock = await listener(first)
      if (lock !== undefined) return new PortSlice(lock, first)
    }
    throw new Error(`Too many tests run at once: all ports from ${all.first} to ${all.last} are taken.`)
  }

  get brokers(): PortRange {
    return { first: this.#first + singles, last: this.#first + size - 1 }
  }

  /** One that was not given before. */
  async next(): Promise<number> {
    while (++this.#given < this.brokers.first) if (await isFree('127.0.0.1', this.#given)) return this.#given
    throw new Error(`A test wants more than ${singles - 1} ports.`)
  }

  [Symbol.dispose](): void {
    this.#lock.close()
  }
}

function listener(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref()
    server.once('error', () => resolve(undefined))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(server))
  })
}

let own: Promise<PortSlice> | undefined

/** A port of this process, for what is no installation. */
export const testPort = async (): Promise<number> => (await (own ??= PortSlice.claim())).next()

import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { Address } from '@tributary/orchestrators/contract'

/** Speaks just enough of the Kafka protocol to try what no ordinary client would send. */
export class WireConnection implements Disposable {
  readonly #socket: TLSSocket
  readonly #waiting: { resolve: (answer: Buffer) => void; reject: (error: Error) => void }[] = []
  /** Resolves with the time at which the other end closed the connection. */
  readonly ended: Promise<number>
  #received = Buffer.alloc(0)

  private constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('error', () => undefined)
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error('the broker closed the connection'))
        resolve(Date.now())
      })
    })
  }

  static open({ host, port }: Address, tls: ConnectionOptions): Promise<WireConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, checkServerIdentity: () => undefined, ...tls })
      socket.once('secureConnect', () => resolve(new WireConnection(socket)))
      socket.once('error', reject)
    })
  }

  #receive(bytes: Buffer) {
    this.#received = Buffer.concat([this.#received, bytes])
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0)
      if (this.#received.length < end) return
      // After the length comes the correlation id; answers come in the order of their requests.
      this.#waiting.shift()?.resolve(this.#received.subarray(8, end))
      this.#received = this.#received.subarray(end)
    }
  }

  /** The body of the answer. Throws when the broker closes the connection instead. */
  request(apiKey: number, apiVersion: number, body: Buffer = Buffer.alloc(0)): Promise<Buffer> {
    const header = Buffer.alloc(10)
    header.writeInt16BE(apiKey, 0)
    header.writeInt16BE(apiVersion, 2)
    header.writeInt16BE(-1, 8)
    const length = Buffer.alloc(4)
    length.writeInt32BE(header.length + body.length)
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the connection is closed'))
      this.#waiting.push({ resolve, reject })
      this.#socket.write(Buffer.concat([length, header, body]))
    })
  }

  /** ApiVersions: what every broker answers to whoever it lets in. */
  async ask(): Promise<'answered' | 'refused'> {
    return this.request(18, 0).then(
      () => 'answered',
      () => 'refused',
    )
  }

  async authenticate(
    { id, secret }: { id: string; secret: string },
    authorizationId = '',
    mechanism = 'PLAIN',
  ): Promise<'accepted' | 'refused'> {
    return this.#authenticate(mechanism, `${authorizationId}\0${id}\0${secret}`)
  }

  /** RFC 7628, with key-value pairs beside the token as a client may send them. */
  async authenticateWithToken(
    token: string,
    { authorizationId = '', pairs = '' }: { authorizationId?: string; pairs?: string } = {},
  ): Promise<'accepted' | 'refused'> {
    const authorization = authorizationId === '' ? '' : `a=${authorizationId}`
    return this.#authenticate('OAUTHBEARER', `n,${authorization},\u0001auth=Bearer ${token}\u0001${pairs}\u0001`)
  }

  async #authenticate(mechanism: string, message: string): Promise<'accepted' | 'refused'> {
    try {
      const name = Buffer.from(mechanism)
      const handshake = await this.request(17, 1, Buffer.concat([int16(name.length), name]))
      if (handshake.readInt16BE(0) !== 0) return 'refused'
      const bytes = Buffer.from(message)
      const length = Buffer.alloc(4)
      length.writeInt32BE(bytes.length)
      const answer = await this.request(36, 0, Buffer.concat([length, bytes]))
      return answer.readInt16BE(0) === 0 ? 'accepted' : 'refused'
    } catch {
      return 'refused'
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

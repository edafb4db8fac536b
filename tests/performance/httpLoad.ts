import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface LoadRequest {
  method: string
  path: string
  body?: unknown
}

const maxConnections = 64

/**
 * Sends requests over connections that stay open, and takes nothing but success for an answer. It does little else: a
 * client that collects garbage while an answer waits for it would measure itself.
 */
export class HttpLoad implements Disposable {
  readonly #endpoint: URL
  readonly #headers: string
  readonly #connections = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #waiting: ((connection: Connection) => void)[] = []

  constructor(endpoint: string, key?: { id: string; secret: string }) {
    this.#endpoint = new URL(endpoint)
    const credentials = key && Buffer.from(`${key.id}:${key.secret}`).toString('base64')
    const authorization = credentials === undefined ? '' : `authorization: Basic ${credentials}\r\n`
    this.#headers = `host: ${this.#endpoint.host}\r\n${authorization}`
  }

  async send({ method, path, body }: LoadRequest): Promise<string> {
    const text = body === undefined ? '' : JSON.stringify(body)
    const entity =
      body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`
    const connection = this.#idleConnection() ?? (await this.#connection())
    const { status, body: answer } = await connection.ask(
      `${method} ${path} HTTP/1.1\r\n${this.#headers}${entity}\r\n${text}`,
    )
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(connection)
    else next(connection)
    if (status >= 200 && status < 300) return answer
    throw new Error(`${method} ${path}: ${status} ${answer}`)
  }

  /** Not one that the server has closed, as it does with those that nobody uses. */
  #idleConnection(): Connection | undefined {
    let connection = this.#idle.pop()
    while (connection?.isClosed) {
      this.#connections.delete(connection)
      connection = this.#idle.pop()
    }
    return connection
  }

  #connection(): Connection | Promise<Connection> {
    if (this.#connections.size === maxConnections) return new Promise((resolve) => this.#waiting.push(resolve))
    const connection = new Connection(connect(Number(this.#endpoint.port), this.#endpoint.hostname))
    this.#connections.add(connection)
    return connection
  }

  /** As many as `concurrency` at a time, each next one after an answer; milliseconds that all took. */
  async inTurn(count: number, concurrency: number, next: () => LoadRequest): Promise<number> {
    let left = count
    const start = performance.now()
    const sendNext = async () => {
      while (left-- > 0) await this.send(next())
    }
    await Promise.all(Array.from({ length: concurrency }, sendNext))
    return performance.now() - start
  }

  /** As many as `concurrency` at a time for so long: how many were answered in a second. */
  async saturate(seconds: number, concurrency: number, next: () => LoadRequest): Promise<number> {
    const start = performance.now()
    let answered = 0
    const sendNext = async () => {
      for (; performance.now() < start + 1000 * seconds; answered++) await this.send(next())
    }
    await Promise.all(Array.from({ length: concurrency }, sendNext))
    return (1000 * answered) / (performance.now() - start)
  }

  /** At a pace, whether or not answers come: milliseconds from when each was due until its answer. */
  async atPace(perSecond: number, seconds: number, next: () => LoadRequest): Promise<number[]> {
    const total = Math.floor(perSecond * seconds)
    const taken = new Float64Array(total)
    const start = performance.now()
    const answered = Promise.withResolvers<void>()
    let left = total
    const send = async (n: number, due: number) => {
      await this.send(next())
      taken[n] = performance.now() - due
      if (--left === 0) answered.resolve()
    }
    for (let n = 0; n < total; n++) {
      const due = start + (n * 1000) / perSecond
      const wait = due - performance.now()
      if (wait > 1) await delay(wait)
      send(n, due).catch(answered.reject)
    }
    await answered.promise
    return [...taken]
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.close()
  }
}

interface Answer {
  status: number
  body: string
}

/** One request at a time; an answer says how long it is. */
class Connection {
  readonly #socket: Socket
  #received = ''
  #asked: PromiseWithResolvers<Answer> | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    // A byte is a character, as lengths are in bytes.
    socket.setNoDelay(true).setEncoding('latin1')
    socket.on('data', (text: string) => this.#receive(text))
    socket.on('close', () => this.#asked?.reject(new Error('the connection was closed')))
    socket.on('error', (error) => this.#asked?.reject(error))
  }

  ask(request: string): Promise<Answer> {
    this.#asked = Promise.withResolvers()
    this.#socket.write(request)
    return this.#asked.promise
  }

  get isClosed(): boolean {
    return !this.#socket.writable
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(text: string) {
    this.#received += text
    const end = this.#received.indexOf('\r\n\r\n')
    if (end === -1) return
    const length = Number(/^content-length: (\d+)/im.exec(this.#received.slice(0, end))?.[1] ?? 0)
    const bodyAt = end + 4
    if (this.#received.length < bodyAt + length) return
    const body = Buffer.from(this.#received.slice(bodyAt), 'latin1').toString('utf8')
    const status = Number(this.#received.slice(9, 12))
    this.#received = ''
    this.#asked?.resolve({ status, body })
  }
}

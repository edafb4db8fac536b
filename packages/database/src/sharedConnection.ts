import { Socket } from 'node:net'
import { Client, type ClientConfig, type QueryConfig } from 'pg'

/**
 * One connection for many at once: each statement is sent at once, behind those whose answers are still to come. For
 * statements that all requests begin with it costs less than a connection of a pool for each. They must be short and wait
 * for no lock, for all behind them wait too.
 */
export class SharedConnection {
  readonly #config: ClientConfig
  readonly #answerWithinMs: number
  #session: Promise<Session> | undefined

  /** Without any answer for the time that a query may take the connection counts as lost. */
  constructor(config: ClientConfig & { query_timeout: number }) {
    this.#config = { ...config, pipeline: true, query_timeout: 0 }
    this.#answerWithinMs = config.query_timeout
  }

  /**
   * Inside the organization, where one is given. Fails, like all that are under way, when the connection breaks; the
   * next one opens another.
   */
  async query<Row>(statement: QueryConfig, organizationId?: string): Promise<Row[]> {
    const session = await (this.#session ??= this.#connect())
    const inside = organizationId === undefined ? undefined : session.nameOrganization(organizationId)
    // Whoever was told what it may not see, because naming its organization failed, must not hear it.
    const [rows] = await Promise.all([session.ask(statement), inside])
    return rows as Row[]
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    await session?.client.end()
  }

  #connect(): Promise<Session> {
    const socket = new Socket()
    const client = new Client({ ...this.#config, stream: () => socket })
    const connected = client.connect().then(() => new Session(client, socket, this.#answerWithinMs))
    // An error comes before the end, and between them another may have been opened.
    const forget = () => {
      if (this.#session === connected) this.#session = undefined
    }
    client.on('error', forget)
    client.once('end', forget)
    connected.catch(forget)
    return connected
  }
}

/** A connection, and the organization that row-level security shows to what is sent next. */
class Session {
  readonly client: Client
  readonly #socket: Socket
  readonly #patience: NodeJS.Timeout
  #unanswered = 0
  #named: { organizationId: string; done: Promise<unknown> } | undefined

  constructor(client: Client, socket: Socket, answerWithinMs: number) {
    this.client = client
    this.#socket = socket
    this.#patience = setTimeout(() => {
      if (this.#unanswered > 0) socket.destroy()
    }, answerWithinMs).unref()
  }

  /**
   * With a callback and one timer for all: what pg's own promise or timer holds outlives its answer until the next full
   * collection of garbage, and those are what a busy process stands still for.
   */
  ask(statement: QueryConfig): Promise<unknown[]> {
    if (this.#unanswered++ === 0) this.#patience.refresh()
    this.#sendTogether()
    return new Promise((resolve, reject) => {
      this.client.query(statement, (error: Error | null, result) => {
        this.#unanswered--
        this.#patience.refresh()
        if (error) reject(error)
        else resolve(result.rows)
      })
    })
  }

  /** What is asked before the process next looks whether anything came: one write instead of many. */
  #sendTogether() {
    if (this.#socket.writableCorked > 0) return
    this.#socket.cork()
    setImmediate(() => this.#socket.uncork())
  }

  nameOrganization(organizationId: string): Promise<unknown> {
    if (this.#named?.organizationId !== organizationId) {
      const done = this.ask({
        name: 'organization',
        text: "SELECT set_config('tributary.organization', $1, false)",
        values: [organizationId],
      })
      const named = { organizationId, done }
      this.#named = named
      done.catch(() => {
        if (this.#named === named) this.#named = undefined
      })
    }
    return this.#named?.done
  }
}

import { Client, type ClientConfig, type QueryConfig } from 'pg'

/**
 * One connection for many at once: each statement is sent at once, behind those whose answers are still to come. For
 * statements that all requests begin with it costs a fifth less than a connection of a pool for each. They must be short
 * and wait for no lock, for all behind them wait too.
 */
export class SharedConnection {
  readonly #config: ClientConfig
  #session: Promise<Session> | undefined

  constructor(config: ClientConfig) {
    this.#config = { ...config, pipeline: true }
  }

  /**
   * Inside the organization, where one is given. Fails, like all that are under way, when the connection breaks; the
   * next one opens another.
   */
  async query<Row>(statement: QueryConfig, organizationId?: string): Promise<Row[]> {
    const session = await (this.#session ??= this.#connect())
    const inside = organizationId === undefined ? undefined : session.nameOrganization(organizationId)
    // Whoever was told what it may not see, because naming its organization failed, must not hear it.
    const [{ rows }] = await Promise.all([session.client.query(statement), inside])
    return rows as Row[]
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    await session?.client.end()
  }

  #connect(): Promise<Session> {
    const client = new Client(this.#config)
    const connected = client.connect().then(() => new Session(client))
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
  #named: { organizationId: string; done: Promise<unknown> } | undefined

  constructor(client: Client) {
    this.client = client
  }

  nameOrganization(organizationId: string): Promise<unknown> {
    if (this.#named?.organizationId !== organizationId) {
      const done = this.client.query({
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

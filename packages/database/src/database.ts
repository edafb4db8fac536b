import { PrismaPg } from '@prisma/adapter-pg'
import { Pool, TypeOverrides, types as pgTypes, type PoolClient, type PoolConfig, type QueryConfig } from 'pg'
import type { Sql } from 'sql-template-tag'
import { isConnectionError } from './databaseErrors.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { listen, type Listening } from './listen.ts'
import { SharedConnection } from './sharedConnection.ts'

/**
 * Two ways to the same Postgres. The API works in the scope of one organization, with SQL: one
 * statement on hot paths, and row-level security in case a statement forgets whose rows it may see.
 * The worker carries out what was committed for every organization, with Prisma.
 */

export type Role = 'tributary_api' | 'tributary_worker'

export interface DatabaseOptions {
  url: string
  role: Role
  maxConnections?: number
  /** Milliseconds after which Postgres ends a statement; without any answer its connection counts as lost 2 s later. */
  statementTimeoutMs?: number
}

/** Runs statements inside one organization. */
export interface Scope {
  organizationId: string
  query<Row>(statement: Sql): Promise<Row[]>
  /** The row with a key: a statement that is short and waits for no lock. It costs less than `query`. */
  find<Row>(statement: Sql): Promise<Row | undefined>
  /**
   * Statements that commit together. A statement after one that waited for a lock sees what it waited for;
   * within one statement it would not. Inside a transaction this is that transaction.
   */
  transaction<Result>(work: (scope: Scope) => Promise<Result>): Promise<Result>
}

// int8 as bigint, not as a string: generations and revisions are numbers. Only here: Prisma parses its own.
const types = new TypeOverrides()
types.setTypeParser(pgTypes.builtins.INT8, BigInt)

/** The name of no organization, for which row-level security shows nothing. */
const nobody = ''

export class Database {
  readonly #config: ReturnType<typeof poolConfig>
  readonly #pool: Pool
  readonly #shared: SharedConnection
  /** The organization that a pooled connection's session names; one that is not here never named any. */
  readonly #sessions = new WeakMap<PoolClient, string>()

  constructor({ url, role, maxConnections = 10, statementTimeoutMs }: DatabaseOptions) {
    this.#config = poolConfig(url, role, statementTimeoutMs)
    this.#pool = createPool({ ...this.#config, max: maxConnections, types })
    this.#shared = new SharedConnection({ ...this.#config, types })
  }

  /** Outside any organization: only what is no tenant's, or security-definer functions. */
  query<Row>(statement: Sql): Promise<Row[]> {
    return this.#connected(nobody, (client) => run(client, statement))
  }

  /**
   * Calls a security-definer function. Row-level security is not asked there, so it runs on whatever
   * connection is free, and costs one statement where `query` may cost two. See {@link lookUp}.
   */
  async callDefiner<Row>(statement: Sql): Promise<Row[]> {
    const client = await this.#pool.connect()
    return releasing(client, () => run(client, statement))
  }

  /** Calls a security-definer function that reads a row or a few, with which every request begins. */
  lookUp<Row>(statement: Sql): Promise<Row[]> {
    return this.#shared.query(prepared(statement))
  }

  within(organizationId: string): Scope {
    return {
      organizationId,
      query: (statement) => this.#connected(organizationId, (client) => run(client, statement)),
      find: (statement) => first(this.#shared.query(prepared(statement), organizationId)),
      transaction: (work) => this.transaction(organizationId, work),
    }
  }

  /** One transaction inside an organization; an error rolls it back. */
  transaction<Result>(organizationId: string, work: (scope: Scope) => Promise<Result>): Promise<Result> {
    return this.#connected(organizationId, (client) => {
      const scope: Scope = {
        organizationId,
        query: (statement) => run(client, statement),
        find: (statement) => first(run(client, statement)),
        transaction: (work) => work(scope),
      }
      return inTransaction(client, () => work(scope))
    })
  }

  /** One transaction outside any organization. */
  untenanted<Result>(work: (query: Scope['query']) => Promise<Result>): Promise<Result> {
    return this.#connected(nobody, (client) => inTransaction(client, () => work((statement) => run(client, statement))))
  }

  async #connected<Result>(organizationId: string, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect()
    return releasing(client, async () => {
      if ((this.#sessions.get(client) ?? nobody) !== organizationId) {
        // If this fails nobody knows what the session names: the next one to use it says it anew.
        this.#sessions.set(client, 'unknown')
        await client.query("SELECT set_config('tributary.organization', $1, false)", [organizationId])
        this.#sessions.set(client, organizationId)
      }
      return work(client)
    })
  }

  /** See {@link listen}. */
  listen(channel: string, onNotification: () => void, onError: (error: unknown) => void): Listening {
    return listen(this.#config, channel, { onNotification, onError })
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.end(), this.#shared.close()])
  }
}

export type Prisma = PrismaClient

/** Prisma, for the paths that are not hot. */
export function createPrisma({ url, role, maxConnections = 10 }: DatabaseOptions): Prisma {
  return new PrismaClient({ adapter: new PrismaPg({ ...poolConfig(url, role), max: maxConnections }) })
}

/**
 * How long a statement may run and wait for a lock, in milliseconds. A request gives up while its
 * client still waits; a worker has more patience.
 */
const patience: Readonly<Record<Role, { statementMs: number; lockMs: number }>> = {
  tributary_api: { statementMs: 10_000, lockMs: 5000 },
  tributary_worker: { statementMs: 30_000, lockMs: 10_000 },
}

/** Postgres ends what takes too long; the client does, a little later, when no Postgres is there to do it. */
function poolConfig(url: string, role: Role, statementMs = patience[role].statementMs) {
  const settings = {
    role,
    statement_timeout: statementMs,
    lock_timeout: patience[role].lockMs,
    idle_in_transaction_session_timeout: 2 * statementMs,
  }
  return {
    connectionString: url,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    connectionTimeoutMillis: 5000,
    query_timeout: statementMs + 2000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  }
}

function createPool(config: PoolConfig) {
  const pool = new Pool(config)
  // A connection that breaks while it is idle, or lent and between two statements, tells only by this
  // event: it is replaced at its next use, and without a listener it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

async function run<Row>(client: PoolClient, statement: Sql): Promise<Row[]> {
  const { rows } = await client.query(prepared(statement))
  return rows as Row[]
}

const first = async <Row>(rows: Promise<Row[]>): Promise<Row | undefined> => (await rows)[0]

const statementNames = new Map<string, string>()

/** Statements are prepared once on each connection: their texts are constants of the program. */
function prepared(statement: Sql): QueryConfig {
  const { text, values } = statement
  let name = statementNames.get(text)
  if (name === undefined) {
    name = `s${statementNames.size}`
    statementNames.set(text, name)
  }
  return { name, text, values }
}

async function inTransaction<Result>(client: PoolClient, work: () => Promise<Result>): Promise<Result> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // A connection that is gone took its transaction with it, and would answer nothing.
    if (!isConnectionError(error)) await client.query('ROLLBACK')
    throw error
  }
}

async function releasing<Result>(client: PoolClient, work: () => Promise<Result>): Promise<Result> {
  try {
    const result = await work()
    client.release()
    return result
  } catch (error) {
    client.release(isConnectionError(error))
    throw error
  }
}

export { isConnectionError, violatedConstraint } from './databaseErrors.ts'

import { PrismaPg } from '@prisma/adapter-pg'
import { Pool, TypeOverrides, types as pgTypes, type PoolClient, type PoolConfig, type QueryConfig } from 'pg'
import type { Sql } from 'sql-template-tag'
import { PrismaClient } from './generated/prisma/client.ts'

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
}

/** Runs statements inside one organization. */
export interface Scope {
  organizationId: string
  query<Row>(statement: Sql): Promise<Row[]>
  /**
   * Statements that commit together. A statement after one that waited for a lock sees what it waited for;
   * within one statement it would not. Inside a transaction this is that transaction.
   */
  transaction<Result>(work: (scope: Scope) => Promise<Result>): Promise<Result>
}

// int8 as bigint, not as a string: generations and revisions are numbers. Only here: Prisma parses its own.
const types = new TypeOverrides()
types.setTypeParser(pgTypes.builtins.INT8, BigInt)

export class Database {
  readonly #pool: Pool
  /** The organization that a pooled connection's session last named. */
  readonly #sessions = new WeakMap<PoolClient, string>()

  constructor({ url, role, maxConnections = 10 }: DatabaseOptions) {
    this.#pool = createPool(url, role, maxConnections)
  }

  /** Outside any organization: only what is no tenant's, or security-definer functions. */
  async query<Row>(statement: Sql): Promise<Row[]> {
    const { rows } = await this.#pool.query(prepared(statement))
    return rows as Row[]
  }

  within(organizationId: string): Scope {
    return {
      organizationId,
      query: (statement) => this.#connected(organizationId, (client) => run(client, statement)),
      transaction: (work) => this.transaction(organizationId, work),
    }
  }

  /** One transaction inside an organization; an error rolls it back. */
  transaction<Result>(organizationId: string, work: (scope: Scope) => Promise<Result>): Promise<Result> {
    return this.#connected(organizationId, (client) => {
      const scope: Scope = {
        organizationId,
        query: (statement) => run(client, statement),
        transaction: (work) => work(scope),
      }
      return inTransaction(client, () => work(scope))
    })
  }

  /** One transaction outside any organization. */
  async untenanted<Result>(work: (query: Scope['query']) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect()
    return releasing(client, () => inTransaction(client, () => work((statement) => run(client, statement))))
  }

  async #connected<Result>(organizationId: string, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect()
    return releasing(client, async () => {
      if (this.#sessions.get(client) !== organizationId) {
        this.#sessions.delete(client)
        await client.query("SELECT set_config('tributary.organization', $1, false)", [organizationId])
        this.#sessions.set(client, organizationId)
      }
      return work(client)
    })
  }

  /**
   * Calls back for every notification on the channel, and once after each (re)connection, for what
   * may have been missed. Returns how to stop.
   */
  async listen(channel: string, onNotification: () => void, onError: (error: Error) => void): Promise<() => void> {
    let client: PoolClient | undefined
    let stopped = false
    const connect = async () => {
      if (stopped) return
      try {
        const connected = await this.#pool.connect()
        client = connected
        connected.on('notification', onNotification)
        connected.on('error', (error) => {
          if (client !== connected) return
          client = undefined
          connected.release(true)
          onError(error)
          setTimeout(() => void connect(), 500).unref()
        })
        await connected.query(`LISTEN ${channel}`)
        onNotification()
      } catch (error) {
        onError(error as Error)
        setTimeout(() => void connect(), 500).unref()
      }
    }
    await connect()
    return () => {
      stopped = true
      client?.release(true)
    }
  }

  close(): Promise<void> {
    return this.#pool.end()
  }
}

export type Prisma = PrismaClient

/** Prisma, for the paths that are not hot. */
export function createPrisma({ url, role, maxConnections = 10 }: DatabaseOptions): Prisma {
  return new PrismaClient({ adapter: new PrismaPg({ ...poolConfig(url, role), max: maxConnections }) })
}

const poolConfig = (url: string, role: Role): PoolConfig => ({
  connectionString: url,
  options: `-c role=${role}`,
  connectionTimeoutMillis: 5000,
})

function createPool(url: string, role: Role, maxConnections: number) {
  const pool = new Pool({ ...poolConfig(url, role), max: maxConnections, types })
  // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => undefined)
  return pool
}

async function run<Row>(client: PoolClient, statement: Sql): Promise<Row[]> {
  const { rows } = await client.query(prepared(statement))
  return rows as Row[]
}

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
    await client.query('ROLLBACK')
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

/** Whether the database could not be reached or went away: the same request may work in a moment. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return (
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'].includes(code) ||
    code.startsWith('08') ||
    code.startsWith('57P0') ||
    code === '53300' ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    )
  )
}

/** The constraint that an insert or update ran against, if that is what went wrong. */
export function violatedConstraint(error: unknown): string | undefined {
  const { code, constraint } = error as { code?: string; constraint?: string }
  return code === '23505' || code === '23503' ? constraint : undefined
}

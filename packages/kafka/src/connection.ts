import { connect } from 'node:tls'
import { Admin, instancesChannel, type BaseOptions, type Connection } from '@platformatic/kafka'
import type { Address } from '@tributary/orchestrators/contract'
import { isAuthenticationFailure, isBrokenConnection } from './kafkaErrors.ts'

// A connection that breaks while it logs in tells of it twice, the second time when nobody listens any more, which would
// end the process.
instancesChannel.subscribe((created) => {
  const { type, instance } = created as { type: string; instance: Connection }
  if (type === 'connection') instance.on('error', () => undefined)
})

/** How to reach one cluster as one principal. */
export interface KafkaConnection {
  clientId: string
  bootstrap: readonly Address[]
  /** Undefined for a plaintext listener. */
  tls: { ca: string; cert?: string; key?: string } | undefined
  sasl?: { mechanism: 'PLAIN'; username: string; password: string } | { mechanism: 'OAUTHBEARER'; token: string }
  /** Where clients stay open between two pieces of work. Without it, each piece opens one and closes it. */
  clients?: AdminClients
}

export interface AdminClients {
  lend<Result>(connection: KafkaConnection, work: (admin: Admin) => Promise<Result>): Promise<Result>
}

export const clientOptions = ({ clientId, bootstrap, tls, sasl }: KafkaConnection): BaseOptions => ({
  clientId,
  bootstrapBrokers: bootstrap.map(({ host, port }) => ({ host, port })),
  connectTimeout: 3000,
  timeout: 10_000,
  // A little more than brokers take to say that it took too long.
  requestTimeout: 12_000,
  ...(tls === undefined ? {} : { tls }),
  ...(sasl === undefined ? {} : { sasl }),
})

/** Nothing is retried: whoever asked decides that. */
export const openAdmin = (connection: KafkaConnection) => new Admin({ ...clientOptions(connection), retries: 0 })

/** An admin client for one piece of work. */
export async function withAdmin<Result>(
  connection: KafkaConnection,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  if (connection.clients !== undefined) return connection.clients.lend(connection, work)
  const admin = openAdmin(connection)
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}

/** The same connection, for several pieces of work over one client. */
export const withSharedAdmin = <Result>(
  connection: KafkaConnection,
  work: (connection: KafkaConnection) => Promise<Result>,
): Promise<Result> =>
  withAdmin(connection, (admin) => work({ ...connection, clients: { lend: (_, piece) => piece(admin) } }))

/**
 * Like withAdmin, for work that changes nothing: it is done once more where the connection broke, as one
 * does that has been open while its broker went away.
 */
export async function readWithAdmin<Result>(
  connection: KafkaConnection,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  try {
    return await withAdmin(connection, work)
  } catch (error) {
    if (!isBrokenConnection(error) || isAuthenticationFailure(error)) throw error
    return withAdmin(connection, work)
  }
}

/**
 * Any broker of the cluster. Requests go to it one by one, by the protocol's own names: the client's
 * calls share one answer among those that look alike, though they began at different times.
 */
export const anyBroker = (admin: Admin, { bootstrap }: KafkaConnection): Promise<Connection> =>
  admin.connections.getFirstAvailable([...bootstrap])

/** Reads something that every broker knows. */
export const askBroker = <Answer>(connection: KafkaConnection, ask: (broker: Connection) => Promise<Answer>) =>
  readWithAdmin(connection, async (admin) => ask(await anyBroker(admin, connection)))

/** Has something changed that every broker hands on to the controller. */
export const tellBroker = <Answer>(connection: KafkaConnection, tell: (broker: Connection) => Promise<Answer>) =>
  withAdmin(connection, async (admin) => tell(await anyBroker(admin, connection)))

/**
 * Whether a listener lets clients in. A broker binds its ports early and answers on them late, so
 * only a finished TLS handshake counts.
 */
export function completesHandshake({ host, port }: Address, ca: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, ca, timeout: timeoutMs, checkServerIdentity: () => undefined })
    const end = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('secureConnect', () => end(socket.authorized))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}

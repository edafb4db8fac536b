import { connect } from 'node:tls'
import { Admin, type BaseOptions } from '@platformatic/kafka'
import type { Address } from '@tributary/orchestrators/contract'

/** How to reach one cluster as one principal. */
export interface KafkaConnection {
  clientId: string
  bootstrap: readonly Address[]
  /** Undefined for a plaintext listener. */
  tls: { ca: string; cert?: string; key?: string } | undefined
  sasl?: { mechanism: 'PLAIN'; username: string; password: string } | { mechanism: 'OAUTHBEARER'; token: string }
}

export const clientOptions = ({ clientId, bootstrap, tls, sasl }: KafkaConnection): BaseOptions => ({
  clientId,
  bootstrapBrokers: bootstrap.map(({ host, port }) => ({ host, port })),
  connectTimeout: 3000,
  timeout: 10_000,
  ...(tls === undefined ? {} : { tls }),
  ...(sasl === undefined ? {} : { sasl }),
})

/** Opens an admin client for one piece of work. Nothing is retried: whoever asked decides that. */
export async function withAdmin<Result>(
  connection: KafkaConnection,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = new Admin({ ...clientOptions(connection), retries: 0 })
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}

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

import type { Address } from '@tributary/orchestrators/contract'
import { completesHandshake, withAdmin, type KafkaConnection } from './connection.ts'

export interface ReadinessQuestion {
  connection: KafkaConnection
  brokers: readonly { id: number; external: Address }[]
  /** Vouches for the EXTERNAL listeners. */
  installationCa: string
}

/** `inside`: every broker takes part in the cluster. `ready`: and lets clients in. */
export type Readiness = 'no answer' | 'inside' | 'ready'

/** By the Kafka protocol. */
export async function askReadiness({ connection, brokers, installationCa }: ReadinessQuestion): Promise<Readiness> {
  const registered = await registeredBrokers(connection)
  if (!brokers.every(({ id }) => registered.has(id))) return 'no answer'
  const open = brokers.map(({ external }) => completesHandshake(external, installationCa, 2000))
  return (await Promise.all(open)).every(Boolean) ? 'ready' : 'inside'
}

async function registeredBrokers(connection: KafkaConnection): Promise<Set<number>> {
  try {
    const { brokers } = await withAdmin(connection, (admin) => admin.metadata({ topics: [], forceUpdate: true }))
    return new Set(brokers.keys())
  } catch {
    // A cluster that is on its way refuses, times out or knows itself only in part: not ready, whatever it says.
    return new Set()
  }
}

import type { KafkaClusterSpec, Phase } from './spec.ts'

/**
 * `unformed`: nobody may format a volume yet. `forming`: the founding brokers may. `formed`: the
 * quorum exists; an empty volume joins it and never founds another.
 */
export type Formation = 'unformed' | 'forming' | 'formed'

export interface KafkaClusterObservation {
  formation: Formation
  phase: Phase
  /** Brokers that have a place, addresses and certificates, by id. */
  prepared: readonly number[]
  workloadExists: boolean
  /** Members whose process runs, by broker id. */
  running: readonly number[]
  /** Whether every broker answers the Kafka protocol on each of its listeners; known only while all run. */
  ready: boolean
}

export type KafkaClusterStep =
  | { do: 'prepareBrokers' }
  | { do: 'startBrokers'; brokers: readonly number[] }
  | { do: 'awaitBrokers' }
  | { do: 'markProvisioned' }
  | { do: 'removeWorkload' }
  | { do: 'forget' }
  | { do: 'settled' }

/** The next step from what is observed to what is desired. */
export function planKafkaCluster(
  desired: Pick<KafkaClusterSpec, 'deleted'> & { brokers: readonly number[] },
  observed: KafkaClusterObservation,
): KafkaClusterStep {
  if (desired.deleted) return observed.workloadExists ? { do: 'removeWorkload' } : { do: 'forget' }
  const unprepared = desired.brokers.some((id) => !observed.prepared.includes(id))
  if (unprepared || observed.formation === 'unformed') return { do: 'prepareBrokers' }
  const stopped = desired.brokers.filter((id) => !observed.running.includes(id))
  if (stopped.length > 0) return { do: 'startBrokers', brokers: stopped }
  if (!observed.ready) return { do: 'awaitBrokers' }
  if (observed.phase !== 'PROVISIONED' || observed.formation !== 'formed') return { do: 'markProvisioned' }
  return { do: 'settled' }
}

import type { Database } from '@tributary/database/database'
import type { Timers } from '@tributary/kit/clock'
import type { Log } from '@tributary/kit/log'
import type { Orchestrator } from '@tributary/orchestrators/contract'
import sql from 'sql-template-tag'
import { clusterKind } from './kafkaCluster.ts'

const sweepEveryMs = 10_000

/**
 * A step that hung, or a worker that was paused in the middle of one, ends it when it wakes, and may so bring back a
 * workload whose cluster was deleted and forgotten meanwhile: nothing looks at it any more. Asks for all workloads that
 * there are whether they are such; returns how to stop.
 */
export function sweepOrphans({
  orchestrator,
  clock,
  log,
  takeDown,
}: {
  orchestrator: Orchestrator
  clock: Timers
  log: Log
  /** See {@link deleteAgain}. */
  takeDown: (workloads: readonly string[]) => Promise<void>
}): () => void {
  let sweeping: Promise<void> | undefined
  return clock.every(sweepEveryMs, () => {
    sweeping ??= orchestrator
      .list()
      .then(takeDown)
      .catch((error: unknown) => log.warn({ err: error }, 'could not look for orphans; it is tried again'))
      .finally(() => (sweeping = undefined))
  })
}

/** Asks again for the deletion of those clusters that were deleted and forgotten. */
export async function deleteAgain(database: Database, clusters: readonly string[]): Promise<void> {
  await database.query(sql`
    INSERT INTO resources (kind, id, organization_id)
    SELECT ${clusterKind}, id, organization_id FROM kafka_clusters
    WHERE id = ANY(${clusters}::text[]) AND deleted_at IS NOT NULL
    ON CONFLICT DO NOTHING`)
}

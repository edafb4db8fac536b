import type { Database } from '@tributary/database/database'
import sql from 'sql-template-tag'
import { clusterKind } from './kafkaCluster.ts'

/**
 * A worker that was paused in the middle of a step ends it when it wakes, and may so bring back a
 * workload whose cluster was deleted and forgotten meanwhile. Its deletion is then asked for again.
 */
export async function takeDownOrphans(database: Database, workloads: readonly string[]): Promise<void> {
  await database.query(sql`
    INSERT INTO resources (kind, id, organization_id)
    SELECT ${clusterKind}, id, organization_id FROM kafka_clusters
    WHERE id = ANY(${workloads}::text[]) AND deleted_at IS NOT NULL
    ON CONFLICT DO NOTHING`)
}

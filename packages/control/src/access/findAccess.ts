import type { Database } from '@tributary/database/database'
import sql from 'sql-template-tag'
import type { AccessCluster } from './projectAccess.ts'

/** How far a cluster's brokers have followed its keys and role bindings. */
export interface FoundAccess {
  cluster: AccessCluster
  deleted: boolean
  provisioned: boolean
  /** -1 before the first publication, like the generation. */
  publishedRevision: bigint
  publishedGeneration: bigint
  republishRequestedAt: Date | null
  compareInMs: number
  /** Null where no key expires. */
  keyExpiresInMs: number | null
}

/** How often a topic is compared with the database. */
const compareEveryMs = 3_600_000

export async function findAccess(database: Database, clusterId: string): Promise<FoundAccess> {
  const [found] = await database.query<FoundAccess>(sql`
    SELECT json_build_object('id', id, 'organizationId', cluster.organization_id, 'environmentId', environment_id) AS cluster,
           deleted_at IS NOT NULL AS deleted, phase = 'PROVISIONED' AS provisioned,
           published_revision AS "publishedRevision", published_generation AS "publishedGeneration",
           republish_requested_at AS "republishRequestedAt",
           coalesce(${compareEveryMs} - ceil(1000 * extract(epoch FROM now() - verified_at)), 0)::int AS "compareInMs",
           (SELECT least(ceil(1000 * extract(epoch FROM min(expires_at) - now())), ${compareEveryMs})::int FROM api_keys
            WHERE resource_id = cluster.id AND deleted_at IS NULL AND expires_at IS NOT NULL) AS "keyExpiresInMs"
    FROM kafka_clusters AS cluster JOIN access_publications ON cluster_id = id
    WHERE id = ${clusterId}`)
  if (found === undefined) throw new Error(`${clusterId} has no access to publish`)
  return found
}

import type { AccessKey } from '@tributary/kafka/accessTopic'
import type { PublishedAccess } from '@tributary/kafka/readAccess'
import sql from 'sql-template-tag'
import { correctionsOf, highestPublished } from './compareAccess.ts'
import { projectAccess, type AccessCluster, type AccessProjection } from './projectAccess.ts'
import type { Query } from './query.ts'

/**
 * The records that make a topic say what the database says, or with `everything` say all of it again. `query` runs in a
 * transaction that holds the cluster's row in `resources`: whoever changes access later gets a revision above these.
 */
export async function correctAccess(
  query: Query,
  cluster: AccessCluster,
  published: ReadonlyMap<AccessKey, PublishedAccess>,
  everything: boolean,
): Promise<AccessProjection> {
  const { records } = await projectAccess(query, cluster, -1n)
  const corrections = correctionsOf(records, published, { everything })
  const revision = await revisionAbove(query, highestPublished(published))
  return {
    records: corrections.map(({ key, content }) => ({ key, revision: Number(revision), content })),
    revision,
  }
}

/**
 * The next revision. A database that was restored from a backup is behind what was published since, and would give
 * numbers that brokers ignore: the sequence is raised above that, and a little more for who takes one in this moment.
 */
async function revisionAbove(query: Query, highest: bigint): Promise<bigint> {
  const [next] = await query<{ revision: bigint }>(sql`
    SELECT nextval('access_revisions') AS revision FROM pg_advisory_xact_lock(hashtext('access_revisions'))`)
  if (next !== undefined && next.revision > highest) return next.revision
  const raised = highest + 1000n
  await query(sql`SELECT setval('access_revisions', ${raised}::bigint)`)
  return raised
}

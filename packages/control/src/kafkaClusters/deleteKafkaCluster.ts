import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { accessKind, clusterKind, type KafkaCluster } from './kafkaCluster.ts'

/** From this commit on the cluster is gone for its users, and its keys with it; workers take down what runs. */
export async function deleteKafkaCluster(caller: Caller, cluster: KafkaCluster): Promise<void> {
  const change = sql`
    UPDATE kafka_clusters SET deleted_at = now(), updated_at = now()
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${cluster.id} AND deleted_at IS NULL AND NOT deletion_protection
    RETURNING id, organization_id`
  const keys = sql`
    UPDATE api_keys SET deleted_at = now(), updated_at = now() FROM change
    WHERE api_keys.organization_id = change.organization_id AND resource_id = change.id AND api_keys.deleted_at IS NULL`
  const desired = desire([clusterKind, accessKind], sql`SELECT id, organization_id FROM change`)
  const [deleted] = await commit(caller, { change, keys, desired })
  if (deleted !== undefined) return
  const [still] = await caller.scope.query(
    sql`SELECT 1 FROM kafka_clusters WHERE organization_id = ${caller.organizationId}::uuid AND id = ${cluster.id} AND deleted_at IS NULL`,
  )
  throw still === undefined ? errors.notFound() : errors.deletionProtected()
}

import sql from 'sql-template-tag'
import { accessKind } from '../kafkaClusters/kafkaCluster.ts'
import type { Query } from './query.ts'

/**
 * Deletes a cluster's keys that have expired; brokers refuse them already, by their own clocks. It is a change of
 * access like any other, but whoever else deletes keys locks them before the access, which is locked here: a key that
 * is locked is being deleted, and left alone.
 */
export async function endExpiredKeys(query: Query, clusterId: string): Promise<void> {
  await query(sql`
    WITH expired AS (
      SELECT id FROM api_keys
      WHERE resource_id = ${clusterId} AND deleted_at IS NULL AND expires_at <= now()
      FOR UPDATE SKIP LOCKED),
    ended AS (
      UPDATE api_keys SET deleted_at = now(), updated_at = now(), revision = nextval('access_revisions')
      FROM expired WHERE api_keys.id = expired.id
      RETURNING api_keys.id)
    UPDATE resources SET generation = generation + 1, next_check_at = now()
    WHERE kind = ${accessKind} AND id = ${clusterId} AND EXISTS (SELECT 1 FROM ended)`)
}

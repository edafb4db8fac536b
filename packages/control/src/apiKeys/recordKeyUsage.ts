import type { KafkaClusterId } from '@tributary/domain/ids'
import type { KeyUsage } from '@tributary/kafka/readKeyUsage'
import sql from 'sql-template-tag'
import type { Query } from '../access/query.ts'

/**
 * Writes down what a cluster's brokers say of the use of its keys: of no other cluster's, and nothing that is still to
 * come. Keys are locked in the order of their ids.
 */
export async function recordKeyUsage(
  query: Query,
  clusterId: KafkaClusterId,
  { lastUsedMs, nextOffset }: KeyUsage,
): Promise<void> {
  await query(sql`
    WITH told AS (
      SELECT id, least(to_timestamp(ms::float8 / 1000), now()) AS at
      FROM unnest(${[...lastUsedMs.keys()]}::text[], ${[...lastUsedMs.values()].map(String)}::text[]) AS told (id, ms)),
    used AS (
      SELECT api_keys.id, told.at FROM api_keys JOIN told USING (id)
      WHERE resource_id = ${clusterId} AND (last_used_at IS NULL OR last_used_at < told.at)
      ORDER BY api_keys.id FOR NO KEY UPDATE OF api_keys),
    touched AS (
      UPDATE api_keys SET last_used_at = greatest(last_used_at, used.at) FROM used WHERE api_keys.id = used.id)
    UPDATE access_publications SET usage_offset = ${nextOffset} WHERE cluster_id = ${clusterId}`)
}

import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import sql, { empty } from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { kafkaClusterColumns, type KafkaCluster } from './kafkaCluster.ts'

/** A cluster of the caller's organization; of that environment, where one is named. */
export async function findKafkaCluster(
  { organizationId, scope }: Pick<Caller, 'organizationId' | 'scope'>,
  id: KafkaClusterId,
  environmentId?: EnvironmentId,
): Promise<KafkaCluster | undefined> {
  const inEnvironment = environmentId === undefined ? empty : sql`AND environment_id = ${environmentId}`
  return scope.find<KafkaCluster>(sql`
    SELECT ${kafkaClusterColumns} FROM kafka_clusters
    WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${inEnvironment}`)
}

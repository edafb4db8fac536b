import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { serviceQuotas, type QuotaScopeName, type ServiceQuota } from './serviceQuota.ts'

/** Of which environment or cluster a quota is meant. */
export interface ServiceQuotaPlace {
  environment?: EnvironmentId | undefined
  kafka_cluster?: KafkaClusterId | undefined
}

/**
 * The quota as it applies in that place; undefined where there is no such quota or place. Throws what
 * `placeless` makes where the quota is of one environment or cluster and none is named.
 */
export async function findServiceQuota(
  { organizationId, scope }: Caller,
  quotaId: string,
  place: ServiceQuotaPlace,
  placeless: (field: keyof ServiceQuotaPlace, detail: string) => Error,
): Promise<ServiceQuota | undefined> {
  const [definition] = await scope.query<{ scope: QuotaScopeName }>(
    sql`SELECT scope FROM service_quotas WHERE id = ${quotaId}`,
  )
  if (definition === undefined) return undefined
  const field = placeOf[definition.scope]
  if (field !== undefined && place[field] === undefined) {
    throw placeless(field, `This quota is of a scope ${definition.scope}: say of which one in ${field}.`)
  }
  const [quota] = await scope.query<ServiceQuota>(sql`
    SELECT * FROM (${serviceQuotas(organizationId)}) AS quota WHERE quota_id = ${quotaId}
      AND (scope = 'ORGANIZATION' OR environment_id = coalesce(${place.environment ?? null}::text, environment_id))
      AND (scope <> 'KAFKA_CLUSTER' OR cluster_id = ${place.kafka_cluster ?? null}::text)`)
  return quota
}

const placeOf: Readonly<Record<QuotaScopeName, keyof ServiceQuotaPlace | undefined>> = {
  ORGANIZATION: undefined,
  ENVIRONMENT: 'environment',
  KAFKA_CLUSTER: 'kafka_cluster',
}

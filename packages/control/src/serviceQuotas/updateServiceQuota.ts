import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { ServiceQuota } from './serviceQuota.ts'
import { asRead } from '../versions.ts'

/**
 * A new limit, from the next commit on. One below what is used takes nothing away: it only lets nothing more
 * be made.
 */
export async function updateServiceQuota(caller: Caller, quota: ServiceQuota, limit: number): Promise<ServiceQuota> {
  const scopeId = quota.cluster_id ?? quota.environment_id ?? caller.organizationId
  // Nothing is inserted for who read a version that is not there; where there is a row, the conflict compares again.
  const ofRead = sql`
    SELECT coalesce((
      SELECT version FROM applied_service_quotas
      WHERE organization_id = ${caller.organizationId}::uuid AND quota_id = ${quota.quota_id} AND scope_id = ${scopeId}
    ), 0) AS version`
  const change = sql`
    INSERT INTO applied_service_quotas AS applied (organization_id, quota_id, scope_id, applied_limit, version)
    SELECT ${caller.organizationId}::uuid, ${quota.quota_id}, ${scopeId}, ${limit}::int, 1 FROM (${ofRead}) AS known
    WHERE true ${asRead(caller)}
    ON CONFLICT (organization_id, quota_id, scope_id) DO UPDATE
      SET applied_limit = excluded.applied_limit, version = applied.version + 1
      WHERE true ${asRead(caller, 'applied')}
    RETURNING quota_id AS id, organization_id, applied_limit, used, version`
  const [updated] = await commit<Pick<ServiceQuota, 'applied_limit' | 'used' | 'version'>>(caller, { change })
  if (updated === undefined) throw errors.notFound()
  const { applied_limit, used, version } = updated
  return { ...quota, applied_limit, used, version }
}

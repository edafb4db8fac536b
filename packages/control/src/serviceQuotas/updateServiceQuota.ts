import { commit } from '@tributary/database/commit'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { ServiceQuota } from './serviceQuota.ts'

/**
 * A new limit, from the next commit on. One below what is used takes nothing away: it only lets nothing more
 * be made.
 */
export async function updateServiceQuota(caller: Caller, quota: ServiceQuota, limit: number): Promise<ServiceQuota> {
  const scopeId = quota.cluster_id ?? quota.environment_id ?? caller.organizationId
  const change = sql`
    INSERT INTO applied_service_quotas AS applied (organization_id, quota_id, scope_id, applied_limit)
    VALUES (${caller.organizationId}::uuid, ${quota.quota_id}, ${scopeId}, ${limit}::int)
    ON CONFLICT (organization_id, quota_id, scope_id) DO UPDATE SET applied_limit = excluded.applied_limit
    RETURNING quota_id AS id, organization_id, applied_limit, used`
  const [updated] = await commit<Pick<ServiceQuota, 'applied_limit' | 'used'>>(caller, { change })
  if (updated === undefined) throw new Error('the limit of a quota was not returned')
  return { ...quota, applied_limit: updated.applied_limit, used: updated.used }
}

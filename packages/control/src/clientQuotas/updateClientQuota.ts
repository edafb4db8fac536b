import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { configurationKind } from '../kafkaClusters/kafkaCluster.ts'
import { clientQuotaColumns, type ClientQuota } from './clientQuota.ts'
import { holdClientQuotas, refuseSecondQuota } from './holdClientQuotas.ts'
import { named } from './named.ts'
import { asRead, changed } from '../versions.ts'

export interface ClientQuotaChanges {
  displayName: string | undefined
  description: string | undefined
  throughput: { ingressByteRate: bigint; egressByteRate: bigint } | undefined
  /** All of them: who is not among them has the quota no longer. */
  principals: readonly string[] | undefined
}

export function updateClientQuota(
  caller: Caller,
  quota: ClientQuota,
  { displayName, description, throughput, principals }: ClientQuotaChanges,
): Promise<ClientQuota> {
  const { organizationId } = caller
  const place = {
    clusterId: quota.cluster_id,
    environmentId: quota.environment_id,
    principals: principals ?? [],
  }
  return caller.scope.transaction(async (scope) => {
    if (!(await holdClientQuotas(scope, place))) throw errors.notFound()
    await refuseSecondQuota(scope, place, quota.id)
    const change = sql`
      UPDATE client_quotas
      SET display_name = coalesce(${displayName ?? null}::text, display_name),
          description = coalesce(${description ?? null}::text, description),
          ingress_byte_rate = coalesce(${throughput?.ingressByteRate ?? null}::bigint, ingress_byte_rate),
          egress_byte_rate = coalesce(${throughput?.egressByteRate ?? null}::bigint, egress_byte_rate), ${changed}
      WHERE organization_id = ${organizationId}::uuid AND id = ${quota.id} AND deleted_at IS NULL ${asRead(caller)}
      RETURNING ${clientQuotaColumns}`
    const desired = desire([configurationKind], sql`SELECT cluster_id AS id, organization_id FROM change`)
    const members = principals === undefined ? {} : replacePrincipals(principals)
    const [updated] = await commit<ClientQuota>({ ...caller, scope }, { change, ...members, desired })
    if (updated === undefined) throw errors.notFound()
    return { ...updated, principals: [...(principals ?? updated.principals)] }
  })
}

const replacePrincipals = (principals: readonly string[]) => ({
  gone: sql`
    DELETE FROM client_quota_principals
    WHERE client_quota_id IN (SELECT id FROM change) AND principal <> ALL(${principals}::text[])`,
  named: sql`
    INSERT INTO client_quota_principals (cluster_id, principal, organization_id, client_quota_id, position)
    SELECT cluster_id, named.principal, organization_id, id, named.position FROM change, ${named(principals)}
    ON CONFLICT (cluster_id, principal) DO UPDATE SET position = excluded.position`,
})

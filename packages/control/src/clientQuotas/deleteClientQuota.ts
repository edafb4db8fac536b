import { commit, desire } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { configurationKind } from '../kafkaClusters/kafkaCluster.ts'
import type { ClientQuota } from './clientQuota.ts'
import { holdClientQuotas } from './holdClientQuotas.ts'
import { asRead } from '../versions.ts'

export function deleteClientQuota(caller: Caller, { id, cluster_id, environment_id }: ClientQuota): Promise<void> {
  const place = { clusterId: cluster_id, environmentId: environment_id, principals: [] }
  return caller.scope.transaction(async (scope) => {
    if (!(await holdClientQuotas(scope, place))) throw errors.notFound()
    const change = sql`
      UPDATE client_quotas SET deleted_at = now(), updated_at = now()
      WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)}
      RETURNING id, organization_id, cluster_id`
    const principals = sql`DELETE FROM client_quota_principals WHERE client_quota_id IN (SELECT id FROM change)`
    const desired = desire([configurationKind], sql`SELECT cluster_id AS id, organization_id FROM change`)
    const [deleted] = await commit({ ...caller, scope }, { change, principals, desired })
    if (deleted === undefined) throw errors.notFound()
  })
}

import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { clientQuotaColumns, type ClientQuota } from './clientQuota.ts'

export async function findClientQuota(
  { organizationId, scope }: Pick<Caller, 'organizationId' | 'scope'>,
  id: string,
): Promise<ClientQuota | undefined> {
  return scope.find<ClientQuota>(sql`
    SELECT ${clientQuotaColumns} FROM client_quotas
    WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL`)
}

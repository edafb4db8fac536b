import type { ServiceAccountId } from '@tributary/domain/ids'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { serviceAccountColumns, type ServiceAccount } from './serviceAccount.ts'

export async function findServiceAccount(
  { organizationId, scope }: Caller,
  id: ServiceAccountId,
): Promise<ServiceAccount | undefined> {
  return scope.find<ServiceAccount>(sql`
    SELECT ${serviceAccountColumns} FROM service_accounts
    WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL`)
}

import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import { lockAccessOf, withoutAccess } from '../apiKeys/withoutAccess.ts'
import type { Caller } from '../caller.ts'
import { lockQuotasOf, withoutQuotas } from '../clientQuotas/withoutQuotas.ts'
import type { ServiceAccount } from './serviceAccount.ts'
import { asRead } from '../versions.ts'

/** The service account goes, and with it all that it could do. */
export async function deleteServiceAccount(caller: Caller, { id }: ServiceAccount): Promise<void> {
  await caller.scope.transaction(async (scope) => {
    const [locked] = await scope.query(sql`
      SELECT 1 FROM service_accounts
      WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)} FOR UPDATE`)
    if (locked === undefined) throw errors.notFound()
    await lockAccessOf(scope, id)
    await lockQuotasOf(scope, id)
    const change = sql`
      UPDATE service_accounts SET deleted_at = now(), updated_at = now()
      WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id}
      RETURNING id, organization_id`
    await commit(
      { ...caller, scope },
      { change, ...withoutAccess(caller.organizationId, id), ...withoutQuotas(caller.organizationId, id) },
    )
  })
}

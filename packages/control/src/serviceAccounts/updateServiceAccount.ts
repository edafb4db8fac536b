import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { uniquelyNamed } from '../uniqueNames.ts'
import { serviceAccountColumns, type ServiceAccount } from './serviceAccount.ts'
import { asRead, changed } from '../versions.ts'

export async function updateServiceAccount(
  caller: Caller,
  { id }: ServiceAccount,
  { displayName, description }: { displayName: string | undefined; description: string | undefined },
): Promise<ServiceAccount> {
  const change = sql`
    UPDATE service_accounts
    SET display_name = coalesce(${displayName ?? null}::text, display_name),
        description = coalesce(${description ?? null}::text, description), ${changed}
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)}
    RETURNING ${serviceAccountColumns}`
  const [serviceAccount] = await uniquelyNamed(displayName, commit<ServiceAccount>(caller, { change }))
  if (serviceAccount === undefined) throw errors.notFound()
  return serviceAccount
}

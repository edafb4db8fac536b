import { commit } from '@tributary/database/commit'
import { newId } from '@tributary/domain/ids'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { uniquelyNamed } from '../uniqueNames.ts'
import { serviceAccountColumns, type ServiceAccount } from './serviceAccount.ts'

export async function createServiceAccount(
  caller: Caller,
  { displayName, description }: { displayName: string; description: string },
): Promise<ServiceAccount> {
  const change = sql`
    INSERT INTO service_accounts (id, organization_id, display_name, description)
    VALUES (${newId.serviceAccount()}, ${caller.organizationId}::uuid, ${displayName}, ${description})
    RETURNING ${serviceAccountColumns}`
  const [serviceAccount] = await uniquelyNamed(displayName, commit<ServiceAccount>(caller, { change }))
  if (serviceAccount === undefined) throw new Error('an inserted service account was not returned')
  return serviceAccount
}

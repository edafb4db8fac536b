import type { Scope } from '@tributary/database/database'
import type { PrincipalId } from '@tributary/domain/ids'
import type { Grant } from '@tributary/domain/roles/grantsOn'
import sql from 'sql-template-tag'
import { grantFrom, type StoredGrant } from './storedGrant.ts'

/** All that a principal was granted. */
export async function findGrants(scope: Scope, principalId: PrincipalId): Promise<Grant[]> {
  const row = await scope.find<{ grants: StoredGrant[] }>(
    sql`SELECT grants_of(${scope.organizationId}::uuid, ${principalId}) AS grants`,
  )
  return (row?.grants ?? []).map(grantFrom)
}

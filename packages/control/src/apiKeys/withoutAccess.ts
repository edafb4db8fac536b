import { desire } from '@tributary/database/commit'
import type { Scope } from '@tributary/database/database'
import type { PrincipalId } from '@tributary/domain/ids'
import sql, { type Sql } from 'sql-template-tag'
import { accessKind } from '../kafkaClusters/kafkaCluster.ts'

/**
 * Taking all access from a principal that is deleted. The principal's row is locked first, so no key is
 * being made for it; then its keys; then, in the commit, the access of their clusters. Everything that
 * deletes keys takes its locks in this order, or two of them could wait for each other for ever.
 */
export async function lockApiKeysOf(scope: Scope, ownerId: PrincipalId): Promise<void> {
  await scope.query(sql`
    SELECT 1 FROM api_keys
    WHERE organization_id = ${scope.organizationId}::uuid AND owner_id = ${ownerId} AND deleted_at IS NULL ORDER BY id FOR UPDATE`)
}

/**
 * The parts of the commit: keys and role bindings end, and each cluster that had one of the keys gets a new
 * generation of its access, which is the keys' revision: brokers learn that they are gone.
 */
export function withoutAccess(
  organizationId: string,
  ownerId: PrincipalId,
): { desired: Sql; keys: Sql; bindings: Sql } {
  const clusters = sql`
    SELECT DISTINCT resource_id AS id, organization_id FROM api_keys
    WHERE organization_id = ${organizationId}::uuid AND owner_id = ${ownerId} AND deleted_at IS NULL
      AND resource_id IS NOT NULL
    ORDER BY id`
  return {
    desired: desire([accessKind], clusters),
    keys: sql`
      UPDATE api_keys SET deleted_at = now(), updated_at = now(),
        revision = coalesce((SELECT generation FROM desired WHERE desired.id = api_keys.resource_id), 0)
      WHERE organization_id = ${organizationId}::uuid AND owner_id = ${ownerId} AND deleted_at IS NULL`,
    bindings: sql`
      UPDATE role_bindings SET deleted_at = now()
      WHERE organization_id = ${organizationId}::uuid AND principal = ${`User:${ownerId}`} AND deleted_at IS NULL`,
  }
}

import type { Scope } from '@tributary/database/database'
import type { EnvironmentId, PrincipalId } from '@tributary/domain/ids'
import sql, { type Sql } from 'sql-template-tag'
import { bindingRevision, changedAccess, lockEnvironments, type ChangedAccess } from '../access/changedAccess.ts'

/**
 * Taking all access from a principal that is deleted. The principal's row is locked first, so no key or role binding
 * is being made for it; then what it has, in the order that `changedAccess` names.
 */
export async function lockAccessOf(scope: Scope, principalId: PrincipalId): Promise<void> {
  const { organizationId } = scope
  await scope.query(sql`
    SELECT 1 FROM api_keys
    WHERE organization_id = ${organizationId}::uuid AND owner_id = ${principalId} AND deleted_at IS NULL ORDER BY id FOR UPDATE`)
  const bindings = bindingsOf(organizationId, principalId)
  const places = await scope.query<{ environment_id: EnvironmentId | null }>(sql`SELECT environment_id ${bindings}`)
  await lockEnvironments(
    scope,
    places.map((place) => (place.environment_id === null ? {} : { environmentId: place.environment_id })),
  )
  await scope.query(sql`SELECT 1 ${bindings} ORDER BY id FOR UPDATE`)
}

/**
 * The parts of the commit: keys and role bindings end, and the access of each cluster changes that had one of the keys
 * or that one of the bindings concerns: brokers learn that they are gone.
 */
export function withoutAccess(
  organizationId: string,
  principalId: PrincipalId,
): ChangedAccess & { keys: Sql; bindings: Sql } {
  const clusters = sql`
    SELECT resource_id AS id, organization_id FROM api_keys
    WHERE organization_id = ${organizationId}::uuid AND owner_id = ${principalId} AND deleted_at IS NULL
      AND resource_id IS NOT NULL
    UNION
    SELECT cluster.id, cluster.organization_id FROM kafka_clusters AS cluster
    WHERE cluster.organization_id = ${organizationId}::uuid AND cluster.deleted_at IS NULL AND EXISTS (
      SELECT 1 ${bindingsOf(organizationId, principalId)}
        AND (role_bindings.environment_id IS NULL OR role_bindings.environment_id = cluster.environment_id)
        AND (role_bindings.cluster_id IS NULL OR role_bindings.cluster_id = cluster.id))
    ORDER BY id`
  return {
    ...changedAccess(clusters),
    keys: sql`
      UPDATE api_keys SET deleted_at = now(), updated_at = now(),
        revision = coalesce((SELECT revision FROM revised WHERE revised.id = api_keys.resource_id), 0)
      WHERE organization_id = ${organizationId}::uuid AND owner_id = ${principalId} AND deleted_at IS NULL`,
    bindings: sql`
      UPDATE role_bindings SET deleted_at = now(), updated_at = now(), revision = ${bindingRevision}
      WHERE organization_id = ${organizationId}::uuid AND principal = ${`User:${principalId}`} AND deleted_at IS NULL`,
  }
}

const bindingsOf = (organizationId: string, principalId: PrincipalId) => sql`
  FROM role_bindings
  WHERE organization_id = ${organizationId}::uuid AND principal = ${`User:${principalId}`} AND deleted_at IS NULL`

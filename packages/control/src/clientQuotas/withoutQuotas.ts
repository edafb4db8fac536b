import { desire } from '@tributary/database/commit'
import type { Scope } from '@tributary/database/database'
import type { ServiceAccountId } from '@tributary/domain/ids'
import sql, { type Sql } from 'sql-template-tag'
import { configurationKind } from '../kafkaClusters/kafkaCluster.ts'
import { takeTurn } from './holdClientQuotas.ts'
import { changed } from '../versions.ts'

/**
 * After the principal's row is locked, so that it gets no other quota meanwhile, and all that gives it access, as where a
 * cluster is deleted; before the commit, which sees what it waited for here.
 */
export async function lockQuotasOf(scope: Scope, principal: ServiceAccountId): Promise<void> {
  await scope.query(
    takeTurn(sql`
      SELECT cluster_id FROM client_quota_principals
      WHERE organization_id = ${scope.organizationId}::uuid AND principal = ${principal}`),
  )
}

/** Parts of a commit: a deleted principal has no quota any more, and a quota of nobody else goes with it. */
export function withoutQuotas(organizationId: string, principal: ServiceAccountId): Record<string, Sql> {
  return {
    memberships: sql`
      DELETE FROM client_quota_principals WHERE organization_id = ${organizationId}::uuid AND principal = ${principal}
      RETURNING client_quota_id, cluster_id, organization_id`,
    quotas: sql`
      UPDATE client_quotas SET ${changed}, deleted_at = CASE WHEN NOT EXISTS (
        SELECT 1 FROM client_quota_principals AS other
        WHERE other.client_quota_id = client_quotas.id AND other.principal <> ${principal}) THEN now() END
      WHERE id IN (SELECT client_quota_id FROM memberships)`,
    reconfigured: desire(
      [configurationKind],
      sql`SELECT DISTINCT cluster_id AS id, organization_id FROM memberships ORDER BY id`,
    ),
    reconfiguration: sql`INSERT INTO outbox (kind, resource_id) SELECT kind, id FROM reconfigured`,
  }
}

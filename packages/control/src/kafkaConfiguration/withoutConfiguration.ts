import sql, { type Sql } from 'sql-template-tag'

/** Parts of the commit that deletes a cluster: what was desired inside its brokers. */
export const withoutConfiguration = (organizationId: string, clusterId: string): Record<string, Sql> => ({
  quotas: sql`
    UPDATE client_quotas SET deleted_at = now(), updated_at = now()
    WHERE organization_id = ${organizationId}::uuid AND cluster_id = ${clusterId} AND deleted_at IS NULL`,
  quotaPrincipals: sql`
    DELETE FROM client_quota_principals WHERE organization_id = ${organizationId}::uuid AND cluster_id = ${clusterId}`,
  brokerConfigs: sql`
    DELETE FROM kafka_broker_configs WHERE organization_id = ${organizationId}::uuid AND cluster_id = ${clusterId}`,
})

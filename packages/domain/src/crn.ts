import type { EnvironmentId, KafkaClusterId, OrganizationId } from './ids.ts'
import type { Place } from './roles/place.ts'

/**
 * Confluent Resource Names: the hierarchy above a resource, then the resource itself.
 * What stands before a cluster's trailing `/kafka=` is its RBAC scope.
 */
const authority = 'crn://confluent.cloud'

export const crn = {
  organization: (id: OrganizationId) => `${authority}/organization=${id}`,
  environment: (organizationId: OrganizationId, id: EnvironmentId) =>
    `${crn.organization(organizationId)}/environment=${id}`,
  kafkaCluster: (organizationId: OrganizationId, environmentId: EnvironmentId, id: KafkaClusterId) =>
    `${crn.environment(organizationId, environmentId)}/cloud-cluster=${id}/kafka=${id}`,
  user: (organizationId: OrganizationId, id: string) => `${crn.organization(organizationId)}/user=${id}`,
  serviceAccount: (organizationId: OrganizationId, id: string) =>
    `${crn.organization(organizationId)}/service-account=${id}`,
  roleBinding: (organizationId: OrganizationId, id: string) => `${crn.organization(organizationId)}/role-binding=${id}`,
  /** What roles are bound to. */
  pattern: (organizationId: OrganizationId, { environmentId, clusterId, resource }: Place) =>
    [
      crn.organization(organizationId),
      environmentId && `environment=${environmentId}`,
      clusterId && `cloud-cluster=${clusterId}`,
      resource &&
        `kafka=${clusterId}/${resource.type}=${encodeURIComponent(resource.name)}${resource.prefixed ? '*' : ''}`,
    ]
      .filter(Boolean)
      .join('/'),
  clientQuota: (organizationId: OrganizationId, id: string) => `${crn.organization(organizationId)}/client-quota=${id}`,
  serviceQuota: (organizationId: OrganizationId, id: string) =>
    `${crn.organization(organizationId)}/applied-quota=${id}`,
  serviceQuotaScope: (organizationId: OrganizationId, id: string) => `${crn.organization(organizationId)}/scope=${id}`,
  apiKey: (organizationId: OrganizationId, id: string) => `${crn.organization(organizationId)}/api-key=${id}`,
}

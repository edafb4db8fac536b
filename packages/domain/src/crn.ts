import type { EnvironmentId, KafkaClusterId, OrganizationId } from './ids.ts'

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
  apiKey: (organizationId: OrganizationId, id: string) => `${crn.organization(organizationId)}/api-key=${id}`,
}

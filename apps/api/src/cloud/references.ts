import { crn } from '@tributary/domain/crn'
import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import type { ApiKey } from '@tributary/control/apiKeys/apiKey'

/** Where things are, and what they are called, in answers of the cloud APIs. */
export interface Identified {
  id: string
  organization_id: string
  created_at: Date
  updated_at: Date
}

export const metadata = (
  publicUrl: string,
  path: string,
  resourceName: string,
  { created_at, updated_at }: Identified,
) => ({
  self: `${publicUrl}${path}`,
  resource_name: resourceName,
  created_at: created_at.toISOString(),
  updated_at: updated_at.toISOString(),
})

export const organizationReference = (publicUrl: string, id: string) => ({
  id,
  related: `${publicUrl}/org/v2/organizations/${id}`,
  resource_name: crn.organization(id),
})

export const environmentReference = (publicUrl: string, organizationId: string, id: string) => ({
  id,
  related: `${publicUrl}/org/v2/environments/${id}`,
  resource_name: crn.environment(organizationId, id as `env-${string}`),
})

export const clusterReference = (
  publicUrl: string,
  organizationId: string,
  environmentId: EnvironmentId,
  id: KafkaClusterId,
) => ({
  id,
  environment: environmentId,
  related: `${publicUrl}/cmk/v2/clusters/${id}?environment=${environmentId}`,
  resource_name: crn.kafkaCluster(organizationId, environmentId, id),
})

export function principalReference(publicUrl: string, organizationId: string, id: string) {
  return id.startsWith('u-')
    ? {
        id,
        related: `${publicUrl}/iam/v2/users/${id}`,
        resource_name: crn.user(organizationId, id),
        api_version: 'iam/v2',
        kind: 'User',
      }
    : {
        id,
        related: `${publicUrl}/iam/v2/service-accounts/${id}`,
        resource_name: crn.serviceAccount(organizationId, id),
        api_version: 'iam/v2',
        kind: 'ServiceAccount',
      }
}

/** What an API key is for. */
export function resourceReference(publicUrl: string, { organization_id, resource_id, environment_id }: ApiKey) {
  if (resource_id === null) {
    return {
      id: 'cloud',
      related: `${publicUrl}/org/v2/organizations/${organization_id}`,
      resource_name: crn.organization(organization_id),
      api_version: 'iam/v2',
      kind: 'Cloud',
    }
  }
  const environmentId = (environment_id ?? '') as `env-${string}`
  return {
    id: resource_id,
    related: `${publicUrl}/cmk/v2/clusters/${resource_id}`,
    resource_name: crn.kafkaCluster(organization_id, environmentId, resource_id),
    api_version: 'cmk/v2',
    kind: 'Cluster',
  }
}

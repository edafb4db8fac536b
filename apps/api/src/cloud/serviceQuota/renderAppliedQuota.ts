import type { AppliedQuota } from '@tributary/contract/cloud/serviceQuotas'
import type { ServiceQuota } from '@tributary/control/serviceQuotas/serviceQuota'
import { crn } from '@tributary/domain/crn'
import type { z } from 'zod'
import { clusterReference, environmentReference, organizationReference } from '../references.ts'
import { withVersion } from '../../framework/versions.ts'

export function renderAppliedQuota(publicUrl: string, quota: ServiceQuota): z.input<typeof AppliedQuota> {
  const { quota_id, organization_id, environment_id, cluster_id } = quota
  const place = new URLSearchParams({
    ...(environment_id === null ? {} : { environment: environment_id }),
    ...(cluster_id === null ? {} : { kafka_cluster: cluster_id }),
  })
  const query = place.size === 0 ? '' : `?${place.toString()}`
  return {
    ...withVersion(quota),
    api_version: 'service-quota/v1',
    kind: 'AppliedQuota',
    id: quota_id,
    metadata: {
      self: `${publicUrl}/service-quota/v1/applied-quotas/${quota_id}${query}`,
      resource_name: crn.serviceQuota(organization_id, quota_id),
    },
    scope: quota.scope,
    display_name: quota.display_name,
    default_limit: quota.default_limit,
    applied_limit: quota.applied_limit,
    usage: quota.used,
    organization: organizationReference(publicUrl, organization_id),
    ...(environment_id === null
      ? {}
      : { environment: environmentReference(publicUrl, organization_id, environment_id) }),
    ...(environment_id === null || cluster_id === null
      ? {}
      : { kafka_cluster: clusterReference(publicUrl, organization_id, environment_id, cluster_id) }),
  }
}

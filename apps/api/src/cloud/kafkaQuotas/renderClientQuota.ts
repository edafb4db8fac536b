import type { ClientQuota as ClientQuotaReply } from '@tributary/contract/cloud/kafkaQuotas'
import type { ClientQuota } from '@tributary/control/clientQuotas/clientQuota'
import { crn } from '@tributary/domain/crn'
import { everyoneElse } from '@tributary/domain/kafkaConfiguration/quotasInside'
import type { z } from 'zod'
import { clusterReference, environmentReference, metadata } from '../references.ts'
import { withVersion } from '../../framework/versions.ts'

export function renderClientQuota(publicUrl: string, quota: ClientQuota): z.input<typeof ClientQuotaReply> {
  const { id, organization_id, environment_id, cluster_id } = quota
  return {
    ...withVersion(quota),
    api_version: 'kafka-quotas/v1',
    kind: 'ClientQuota',
    id,
    metadata: metadata(publicUrl, `/kafka-quotas/v1/client-quotas/${id}`, crn.clientQuota(organization_id, id), quota),
    spec: {
      display_name: quota.display_name,
      description: quota.description,
      throughput: {
        ingress_byte_rate: String(quota.ingress_byte_rate),
        egress_byte_rate: String(quota.egress_byte_rate),
      },
      cluster: clusterReference(publicUrl, organization_id, environment_id, cluster_id),
      principals: quota.principals.map((principal) => principalOf(publicUrl, organization_id, principal)),
      environment: environmentReference(publicUrl, organization_id, environment_id),
    },
  }
}

/** Everyone else is no service account: the reference leads to all of them. */
const principalOf = (publicUrl: string, organizationId: string, id: string) => ({
  id,
  related: `${publicUrl}/iam/v2/service-accounts${id === everyoneElse ? '' : `/${id}`}`,
  resource_name: crn.serviceAccount(organizationId, id === everyoneElse ? '*' : id),
})

import type { QuotaScope as QuotaScopeReply } from '@tributary/contract/cloud/serviceQuotas'
import type { QuotaScope } from '@tributary/control/serviceQuotas/quotaScopes'
import { crn } from '@tributary/domain/crn'
import type { z } from 'zod'
import { withVersion } from '../../framework/versions.ts'

export function renderScope(publicUrl: string, { id, organization_id }: QuotaScope): z.input<typeof QuotaScopeReply> {
  return {
    ...withVersion({ version: 0n }),
    api_version: 'service-quota/v1',
    kind: 'Scope',
    id,
    metadata: {
      self: `${publicUrl}/service-quota/v1/scopes/${id}`,
      resource_name: crn.serviceQuotaScope(organization_id, id),
    },
    description: `The quotas of one ${id.toLowerCase().replaceAll('_', ' ')}`,
  }
}

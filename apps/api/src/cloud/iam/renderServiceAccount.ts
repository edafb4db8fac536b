import type { ServiceAccount as ServiceAccountReply } from '@tributary/contract/cloud/iam'
import type { ServiceAccount } from '@tributary/control/serviceAccounts/serviceAccount'
import { crn } from '@tributary/domain/crn'
import type { z } from 'zod'
import { metadata } from '../references.ts'
import { withVersion } from '../../framework/versions.ts'

export function renderServiceAccount(
  publicUrl: string,
  serviceAccount: ServiceAccount,
): z.input<typeof ServiceAccountReply> {
  const { id, organization_id, display_name, description } = serviceAccount
  const name = crn.serviceAccount(organization_id, id)
  return {
    ...withVersion(serviceAccount),
    api_version: 'iam/v2',
    kind: 'ServiceAccount',
    id,
    metadata: metadata(publicUrl, `/iam/v2/service-accounts/${id}`, name, serviceAccount),
    display_name,
    description,
  }
}

import type { Organization as OrganizationReply } from '@tributary/contract/cloud/org'
import type { Organization } from '@tributary/control/organizations/organization'
import { crn } from '@tributary/domain/crn'
import type { z } from 'zod'
import { metadata } from '../references.ts'
import { withVersion } from '../../framework/versions.ts'

export function renderOrganization(publicUrl: string, organization: Organization): z.input<typeof OrganizationReply> {
  const { id, display_name, jit_enabled } = organization
  return {
    ...withVersion(organization),
    api_version: 'org/v2',
    kind: 'Organization',
    id,
    metadata: metadata(publicUrl, `/org/v2/organizations/${id}`, crn.organization(id), organization),
    display_name,
    jit_enabled,
  }
}

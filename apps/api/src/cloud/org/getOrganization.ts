import { Organization } from '@tributary/contract/cloud/org'
import { operation } from '../../framework/operation.ts'
import { OrganizationParams, organizationTarget } from './organizationTarget.ts'
import { renderOrganization } from './renderOrganization.ts'

export const getOrganization = operation({
  id: 'getOrgV2Organization',
  summary: 'Read an organization',
  method: 'GET',
  path: '/org/v2/organizations/{id}',
  access: { permission: 'organization:describe' },
  params: OrganizationParams,
  reply: { status: 200, body: Organization },
  target: organizationTarget,
  handle: async ({ target }, { publicUrl }) => renderOrganization(publicUrl, target),
})

import { Organization, UpdateOrganization } from '@tributary/contract/cloud/org'
import { updateOrganization as update } from '@tributary/control/organizations/updateOrganization'
import { operation } from '../../framework/operation.ts'
import { OrganizationParams, organizationTarget } from './organizationTarget.ts'
import { renderOrganization } from './renderOrganization.ts'

export const updateOrganization = operation({
  id: 'updateOrgV2Organization',
  summary: 'Rename an organization, or change its settings',
  method: 'PATCH',
  path: '/org/v2/organizations/{id}',
  access: { permission: 'organization:update' },
  params: OrganizationParams,
  body: UpdateOrganization,
  reply: { status: 200, body: Organization },
  target: organizationTarget,
  handle: async ({ body, caller }, { publicUrl }) => {
    const changes = { displayName: body.display_name, jitEnabled: body.jit_enabled }
    return renderOrganization(publicUrl, await update(caller, changes))
  },
})

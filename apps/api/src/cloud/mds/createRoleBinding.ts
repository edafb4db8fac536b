import { CreateRoleBinding, RoleBinding } from '@tributary/contract/cloud/mds'
import { createRoleBinding as create } from '@tributary/control/roleBindings/createRoleBinding'
import { parseGrant } from '@tributary/domain/roles/parseGrant'
import { operation } from '../../framework/operation.ts'
import { renderRoleBinding } from './renderRoleBinding.ts'

export const createRoleBinding = operation({
  id: 'createIamV2RoleBinding',
  summary: 'Grant a role to a user or service account, on what a CRN pattern names',
  method: 'POST',
  path: '/iam/v2/role-bindings',
  access: { permission: 'role-binding:create' },
  body: CreateRoleBinding,
  reply: { status: 201, body: RoleBinding },
  subject: ({ body, caller }) => ({ place: parseGrant(caller.organizationId, body).place }),
  handle: async ({ body, caller }, { publicUrl }) => {
    const grant = parseGrant(caller.organizationId, body)
    const binding = await create(caller, { principal: body.principal, grant, crnPattern: body.crn_pattern })
    return renderRoleBinding(publicUrl, binding)
  },
})

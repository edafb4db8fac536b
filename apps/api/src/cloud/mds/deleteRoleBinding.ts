import { RoleBinding } from '@tributary/contract/cloud/mds'
import { deleteRoleBinding as remove } from '@tributary/control/roleBindings/deleteRoleBinding'
import { operation } from '../../framework/operation.ts'
import { renderRoleBinding } from './renderRoleBinding.ts'
import { RoleBindingParams, roleBindingSubject, roleBindingTarget } from './roleBindingTarget.ts'

export const deleteRoleBinding = operation({
  id: 'deleteIamV2RoleBinding',
  summary: 'Take a role back',
  method: 'DELETE',
  path: '/iam/v2/role-bindings/{id}',
  access: { permission: 'role-binding:delete' },
  params: RoleBindingParams,
  reply: { status: 200, body: RoleBinding },
  target: roleBindingTarget,
  subject: roleBindingSubject,
  handle: async ({ target, caller }, { publicUrl }) => {
    await remove(caller, target)
    return renderRoleBinding(publicUrl, target)
  },
})

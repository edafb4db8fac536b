import { RoleBinding } from '@tributary/contract/cloud/mds'
import { operation } from '../../framework/operation.ts'
import { renderRoleBinding } from './renderRoleBinding.ts'
import { RoleBindingParams, roleBindingSubject, roleBindingTarget } from './roleBindingTarget.ts'

export const getRoleBinding = operation({
  id: 'getIamV2RoleBinding',
  summary: 'Read a role binding',
  method: 'GET',
  path: '/iam/v2/role-bindings/{id}',
  access: { permission: 'role-binding:describe' },
  params: RoleBindingParams,
  reply: { status: 200, body: RoleBinding },
  target: roleBindingTarget,
  subject: roleBindingSubject,
  handle: async ({ target }, { publicUrl }) => renderRoleBinding(publicUrl, target),
})

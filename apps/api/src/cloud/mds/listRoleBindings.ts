import { ListRoleBindings, RoleBindingList } from '@tributary/contract/cloud/mds'
import { listRoleBindings as list } from '@tributary/control/roleBindings/listRoleBindings'
import { operation } from '../../framework/operation.ts'
import { renderList } from '../renderList.ts'
import { renderRoleBinding } from './renderRoleBinding.ts'

const path = '/iam/v2/role-bindings'

export const listRoleBindings = operation({
  id: 'listIamV2RoleBindings',
  summary: 'List role bindings by what they are bound to, by principal or role',
  method: 'GET',
  path,
  access: { visible: 'role-binding:describe' },
  query: ListRoleBindings,
  reply: { status: 200, body: RoleBindingList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) => {
    const listed = await list(caller, page, {
      principal: query.principal,
      roleName: query.role_name,
      crnPattern: query.crn_pattern,
      visible,
    })
    const kind = { api_version: 'iam/v2', kind: 'RoleBindingList' } as const
    return renderList({ publicUrl, path, query, page }, kind, listed, renderRoleBinding)
  },
})

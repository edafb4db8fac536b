import { UserList } from '@tributary/contract/cloud/iam'
import { PageQuery } from '@tributary/contract/cloud/paging'
import { listUsers as list } from '@tributary/control/users/listUsers'
import { operation } from '../../framework/operation.ts'
import { renderList } from '../renderList.ts'
import { renderUser } from './renderUser.ts'

const path = '/iam/v2/users'

export const listUsers = operation({
  id: 'listIamV2Users',
  summary: 'List users',
  method: 'GET',
  path,
  access: { visible: 'user:describe' },
  query: PageQuery,
  reply: { status: 200, body: UserList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) => {
    const listed = await list(caller, page, visible === 'all' ? undefined : visible.ownedBy)
    return renderList({ publicUrl, path, query, page }, { api_version: 'iam/v2', kind: 'UserList' }, listed, renderUser)
  },
})

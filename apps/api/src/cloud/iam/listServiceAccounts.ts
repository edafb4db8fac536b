import { ListServiceAccounts, ServiceAccountList } from '@tributary/contract/cloud/iam'
import { listServiceAccounts as list } from '@tributary/control/serviceAccounts/listServiceAccounts'
import { operation } from '../../framework/operation.ts'
import { renderList } from '../renderList.ts'
import { renderServiceAccount } from './renderServiceAccount.ts'

const path = '/iam/v2/service-accounts'

export const listServiceAccounts = operation({
  id: 'listIamV2ServiceAccounts',
  summary: 'List service accounts, all or those of the given names',
  method: 'GET',
  path,
  access: { visible: 'service-account:describe' },
  query: ListServiceAccounts,
  reply: { status: 200, body: ServiceAccountList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) => {
    const listed = await list(caller, page, {
      id: visible === 'all' ? undefined : visible.ownedBy,
      displayNames: query.display_name ?? [],
    })
    const kind = { api_version: 'iam/v2', kind: 'ServiceAccountList' } as const
    return renderList({ publicUrl, path, query, page }, kind, listed, renderServiceAccount)
  },
})

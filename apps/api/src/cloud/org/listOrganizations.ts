import { OrganizationList } from '@tributary/contract/cloud/org'
import { PageQuery } from '@tributary/contract/cloud/paging'
import { listOrganizations as list } from '@tributary/control/organizations/listOrganizations'
import { operation } from '../../framework/operation.ts'
import { emptyList, renderList } from '../renderList.ts'
import { renderOrganization } from './renderOrganization.ts'

const path = '/org/v2/organizations'

export const listOrganizations = operation({
  id: 'listOrgV2Organizations',
  summary: 'List the organizations that you belong to',
  method: 'GET',
  path,
  access: { visible: 'organization:describe' },
  query: PageQuery,
  reply: { status: 200, body: OrganizationList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) =>
    renderList(
      { publicUrl, path, query, page },
      { api_version: 'org/v2', kind: 'OrganizationList' },
      visible === 'all' ? await list(caller, page) : emptyList,
      renderOrganization,
    ),
})

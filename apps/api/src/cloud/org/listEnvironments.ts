import { EnvironmentList } from '@tributary/contract/cloud/org'
import { PageQuery } from '@tributary/contract/cloud/paging'
import { listEnvironments as list } from '@tributary/control/environments/listEnvironments'
import { operation } from '../../framework/operation.ts'
import { renderList } from '../renderList.ts'
import { renderEnvironment } from './renderEnvironment.ts'

const path = '/org/v2/environments'

export const listEnvironments = operation({
  id: 'listOrgV2Environments',
  summary: 'List environments',
  method: 'GET',
  path,
  access: { visible: 'environment:describe' },
  query: PageQuery,
  reply: { status: 200, body: EnvironmentList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) =>
    renderList(
      { publicUrl, path, query, page },
      { api_version: 'org/v2', kind: 'EnvironmentList' },
      await list(caller, page, visible),
      renderEnvironment,
    ),
})

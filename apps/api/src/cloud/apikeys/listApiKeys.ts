import { ApiKeyList, ListApiKeys } from '@tributary/contract/cloud/apikeys'
import { listApiKeys as list } from '@tributary/control/apiKeys/listApiKeys'
import { operation } from '../../framework/operation.ts'
import { renderList } from '../renderList.ts'
import { renderApiKey } from './renderApiKey.ts'

const path = '/iam/v2/api-keys'

export const listApiKeys = operation({
  id: 'listIamV2ApiKeys',
  summary: 'List API keys, all or those of an owner or a resource',
  method: 'GET',
  path,
  access: { visible: 'api-key:describe' },
  query: ListApiKeys,
  reply: { status: 200, body: ApiKeyList },
  handle: async ({ query, page, caller, visible }, { publicUrl }) => {
    const listed = await list(caller, page, {
      ownerId: query['spec.owner'],
      resourceId: query['spec.resource'],
      visible,
    })
    return renderList(
      { publicUrl, path, query, page },
      { api_version: 'iam/v2', kind: 'ApiKeyList' },
      listed,
      renderApiKey,
    )
  },
})

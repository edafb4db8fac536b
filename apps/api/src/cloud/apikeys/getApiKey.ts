import { ApiKey } from '@tributary/contract/cloud/apikeys'
import { operation } from '../../framework/operation.ts'
import { ApiKeyParams, apiKeyTarget, apiKeySubject } from './apiKeyTarget.ts'
import { renderApiKey } from './renderApiKey.ts'

export const getApiKey = operation({
  id: 'getIamV2ApiKey',
  summary: 'Read an API key, without its secret',
  method: 'GET',
  path: '/iam/v2/api-keys/{id}',
  access: { permission: 'api-key:describe' },
  params: ApiKeyParams,
  reply: { status: 200, body: ApiKey },
  target: apiKeyTarget,
  subject: apiKeySubject,
  handle: async ({ target }, { publicUrl }) => renderApiKey(publicUrl, target),
})

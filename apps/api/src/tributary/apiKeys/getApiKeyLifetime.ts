import { ApiKeyLifetime } from '@tributary/contract/tributary/apiKeys'
import { ApiKeyParams, apiKeySubject, apiKeyTarget } from '../../cloud/apikeys/apiKeyTarget.ts'
import { operation } from '../../framework/operation.ts'
import { renderApiKeyLifetime } from './renderApiKeyLifetime.ts'

export const getApiKeyLifetime = operation({
  id: 'getTributaryV1ApiKey',
  summary: 'Read until when an API key is good, and when it was last used',
  method: 'GET',
  path: '/tributary/v1/api-keys/{id}',
  access: { permission: 'api-key:describe' },
  params: ApiKeyParams,
  reply: { status: 200, body: ApiKeyLifetime },
  target: apiKeyTarget,
  subject: apiKeySubject,
  handle: async ({ target }) => renderApiKeyLifetime(target),
})

import { ApiKeyLifetime, UpdateApiKeyLifetime } from '@tributary/contract/tributary/apiKeys'
import { expireApiKey } from '@tributary/control/apiKeys/expireApiKey'
import { ApiKeyParams, apiKeySubject, apiKeyTarget } from '../../cloud/apikeys/apiKeyTarget.ts'
import { operation } from '../../framework/operation.ts'
import { renderApiKeyLifetime } from './renderApiKeyLifetime.ts'

export const updateApiKeyLifetime = operation({
  id: 'updateTributaryV1ApiKey',
  summary: 'Say until when an API key is good',
  method: 'PATCH',
  path: '/tributary/v1/api-keys/{id}',
  access: { permission: 'api-key:update' },
  params: ApiKeyParams,
  body: UpdateApiKeyLifetime,
  reply: { status: 200, body: ApiKeyLifetime },
  target: apiKeyTarget,
  subject: apiKeySubject,
  handle: async ({ body, target, caller }) => renderApiKeyLifetime(await expireApiKey(caller, target, body.expires_at)),
})

import { ApiKey, UpdateApiKey } from '@tributary/contract/cloud/apikeys'
import { updateApiKey as update } from '@tributary/control/apiKeys/updateApiKey'
import { operation } from '../../framework/operation.ts'
import { ApiKeyParams, apiKeyTarget, apiKeySubject } from './apiKeyTarget.ts'
import { renderApiKey } from './renderApiKey.ts'

export const updateApiKey = operation({
  id: 'updateIamV2ApiKey',
  summary: 'Rename or describe an API key',
  method: 'PATCH',
  path: '/iam/v2/api-keys/{id}',
  access: { permission: 'api-key:update' },
  params: ApiKeyParams,
  body: UpdateApiKey,
  reply: { status: 200, body: ApiKey },
  target: apiKeyTarget,
  subject: apiKeySubject,
  handle: async ({ body: { spec }, target, caller }, { publicUrl }) => {
    const changes = { displayName: spec.display_name, description: spec.description }
    return renderApiKey(publicUrl, await update(caller, target, changes))
  },
})

import { ApiKey, CreateApiKey } from '@tributary/contract/cloud/apikeys'
import { createApiKey as create } from '@tributary/control/apiKeys/createApiKey'
import { operation } from '../../framework/operation.ts'
import { renderApiKey } from './renderApiKey.ts'

export const createApiKey = operation({
  id: 'createIamV2ApiKey',
  summary: 'Create an API key; its secret is shown in this answer only',
  method: 'POST',
  path: '/iam/v2/api-keys',
  access: { permission: 'api-key:create' },
  body: CreateApiKey,
  reply: { status: 202, body: ApiKey },
  handle: async ({ body: { spec }, caller }, { publicUrl }) => {
    const resourceId = spec.resource?.id ?? 'cloud'
    const { key, secret } = await create(caller, {
      ownerId: spec.owner.id,
      resourceId: resourceId === 'cloud' ? undefined : resourceId,
      displayName: spec.display_name,
      description: spec.description,
    })
    return renderApiKey(publicUrl, key, secret)
  },
})

import { ApiKey } from '@tributary/contract/cloud/apikeys'
import { RotateApiKey } from '@tributary/contract/tributary/apiKeys'
import { rotateApiKey as rotate } from '@tributary/control/apiKeys/rotateApiKey'
import { ApiKeyParams, apiKeySubject, apiKeyTarget } from '../../cloud/apikeys/apiKeyTarget.ts'
import { renderApiKey } from '../../cloud/apikeys/renderApiKey.ts'
import { operation } from '../../framework/operation.ts'

export const rotateApiKey = operation({
  id: 'rotateTributaryV1ApiKey',
  summary: 'Replace an API key: answers a new one, and the old one is good until the overlap is over',
  method: 'POST',
  path: '/tributary/v1/api-keys/{id}:rotate',
  access: { permission: 'api-key:update' },
  params: ApiKeyParams,
  body: RotateApiKey,
  reply: { status: 202, body: ApiKey },
  target: apiKeyTarget,
  subject: apiKeySubject,
  handle: async ({ body, target, caller }, { publicUrl }) => {
    const { key, secret } = await rotate(caller, target, body.overlap_seconds)
    return renderApiKey(publicUrl, key, secret)
  },
})

import { deleteApiKey as remove } from '@tributary/control/apiKeys/deleteApiKey'
import { operation } from '../../framework/operation.ts'
import { ApiKeyParams, apiKeyTarget, apiKeySubject } from './apiKeyTarget.ts'

export const deleteApiKey = operation({
  id: 'deleteIamV2ApiKey',
  summary: 'Delete an API key; brokers end its connections',
  method: 'DELETE',
  path: '/iam/v2/api-keys/{id}',
  access: { permission: 'api-key:delete' },
  params: ApiKeyParams,
  reply: { status: 204 },
  target: apiKeyTarget,
  subject: apiKeySubject,
  handle: ({ target, caller }) => remove(caller, target),
})

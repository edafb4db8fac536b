import { deleteServiceAccount as remove } from '@tributary/control/serviceAccounts/deleteServiceAccount'
import { operation } from '../../framework/operation.ts'
import { serviceAccountSubject, ServiceAccountParams, serviceAccountTarget } from './serviceAccountTarget.ts'

export const deleteServiceAccount = operation({
  id: 'deleteIamV2ServiceAccount',
  summary: 'Delete a service account, and its API keys with it',
  method: 'DELETE',
  path: '/iam/v2/service-accounts/{id}',
  access: { permission: 'service-account:delete' },
  params: ServiceAccountParams,
  reply: { status: 204 },
  target: serviceAccountTarget,
  subject: serviceAccountSubject,
  handle: ({ target, caller }) => remove(caller, target),
})

import { ServiceAccount } from '@tributary/contract/cloud/iam'
import { operation } from '../../framework/operation.ts'
import { renderServiceAccount } from './renderServiceAccount.ts'
import { serviceAccountSubject, ServiceAccountParams, serviceAccountTarget } from './serviceAccountTarget.ts'

export const getServiceAccount = operation({
  id: 'getIamV2ServiceAccount',
  summary: 'Read a service account',
  method: 'GET',
  path: '/iam/v2/service-accounts/{id}',
  access: { permission: 'service-account:describe' },
  params: ServiceAccountParams,
  reply: { status: 200, body: ServiceAccount },
  target: serviceAccountTarget,
  subject: serviceAccountSubject,
  handle: async ({ target }, { publicUrl }) => renderServiceAccount(publicUrl, target),
})

import { ServiceAccount, UpdateServiceAccount } from '@tributary/contract/cloud/iam'
import { updateServiceAccount as update } from '@tributary/control/serviceAccounts/updateServiceAccount'
import { operation } from '../../framework/operation.ts'
import { renderServiceAccount } from './renderServiceAccount.ts'
import { serviceAccountSubject, ServiceAccountParams, serviceAccountTarget } from './serviceAccountTarget.ts'

export const updateServiceAccount = operation({
  id: 'updateIamV2ServiceAccount',
  summary: 'Rename or describe a service account',
  method: 'PATCH',
  path: '/iam/v2/service-accounts/{id}',
  access: { permission: 'service-account:update' },
  params: ServiceAccountParams,
  body: UpdateServiceAccount,
  reply: { status: 200, body: ServiceAccount },
  target: serviceAccountTarget,
  subject: serviceAccountSubject,
  handle: async ({ body, target, caller }, { publicUrl }) => {
    const changes = { displayName: body.display_name, description: body.description }
    return renderServiceAccount(publicUrl, await update(caller, target, changes))
  },
})

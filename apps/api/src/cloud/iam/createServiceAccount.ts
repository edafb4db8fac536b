import { CreateServiceAccount, CreateServiceAccountQuery, ServiceAccount } from '@tributary/contract/cloud/iam'
import { createServiceAccount as create } from '@tributary/control/serviceAccounts/createServiceAccount'
import { operation } from '../../framework/operation.ts'
import { renderServiceAccount } from './renderServiceAccount.ts'

export const createServiceAccount = operation({
  id: 'createIamV2ServiceAccount',
  summary: 'Create a service account',
  method: 'POST',
  path: '/iam/v2/service-accounts',
  access: { permission: 'service-account:create' },
  query: CreateServiceAccountQuery,
  body: CreateServiceAccount,
  reply: { status: 201, body: ServiceAccount },
  handle: async ({ body, caller }, { publicUrl }) => {
    const input = { displayName: body.display_name, description: body.description }
    return renderServiceAccount(publicUrl, await create(caller, input))
  },
})

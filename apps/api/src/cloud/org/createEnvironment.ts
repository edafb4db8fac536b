import { CreateEnvironment, Environment } from '@tributary/contract/cloud/org'
import { createEnvironment as create } from '@tributary/control/environments/createEnvironment'
import { operation } from '../../framework/operation.ts'
import { renderEnvironment } from './renderEnvironment.ts'

export const createEnvironment = operation({
  id: 'createOrgV2Environment',
  summary: 'Create an environment',
  method: 'POST',
  path: '/org/v2/environments',
  access: { permission: 'environment:create' },
  body: CreateEnvironment,
  reply: { status: 201, body: Environment },
  handle: async ({ body, caller }, { publicUrl }) =>
    renderEnvironment(publicUrl, await create(caller, body.display_name)),
})

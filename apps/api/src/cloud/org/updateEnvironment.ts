import { Environment, UpdateEnvironment } from '@tributary/contract/cloud/org'
import { updateEnvironment as update } from '@tributary/control/environments/updateEnvironment'
import { operation } from '../../framework/operation.ts'
import { EnvironmentParams, environmentSubject, environmentTarget } from './environmentTarget.ts'
import { renderEnvironment } from './renderEnvironment.ts'

export const updateEnvironment = operation({
  id: 'updateOrgV2Environment',
  summary: 'Rename an environment',
  method: 'PATCH',
  path: '/org/v2/environments/{id}',
  access: { permission: 'environment:update' },
  params: EnvironmentParams,
  body: UpdateEnvironment,
  reply: { status: 200, body: Environment },
  target: environmentTarget,
  subject: environmentSubject,
  handle: async ({ body, target, caller }, { publicUrl }) =>
    renderEnvironment(publicUrl, await update(caller, target, { displayName: body.display_name })),
})

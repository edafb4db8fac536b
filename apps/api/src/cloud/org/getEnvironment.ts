import { Environment } from '@tributary/contract/cloud/org'
import { operation } from '../../framework/operation.ts'
import { EnvironmentParams, environmentSubject, environmentTarget } from './environmentTarget.ts'
import { renderEnvironment } from './renderEnvironment.ts'

export const getEnvironment = operation({
  id: 'getOrgV2Environment',
  summary: 'Read an environment',
  method: 'GET',
  path: '/org/v2/environments/{id}',
  access: { permission: 'environment:describe' },
  params: EnvironmentParams,
  reply: { status: 200, body: Environment },
  target: environmentTarget,
  subject: environmentSubject,
  handle: async ({ target }, { publicUrl }) => renderEnvironment(publicUrl, target),
})

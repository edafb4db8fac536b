import { deleteEnvironment as remove } from '@tributary/control/environments/deleteEnvironment'
import { operation } from '../../framework/operation.ts'
import { EnvironmentParams, environmentSubject, environmentTarget } from './environmentTarget.ts'

export const deleteEnvironment = operation({
  id: 'deleteOrgV2Environment',
  summary: 'Delete an environment that has no clusters left',
  method: 'DELETE',
  path: '/org/v2/environments/{id}',
  access: { permission: 'environment:delete' },
  params: EnvironmentParams,
  reply: { status: 204 },
  target: environmentTarget,
  subject: environmentSubject,
  handle: ({ target, caller }) => remove(caller, target),
})

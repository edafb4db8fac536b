import { deleteEnvironment as remove } from '@tributary/control/environments/deleteEnvironment'
import { operation } from '../../framework/operation.ts'
import { EnvironmentParams, environmentTarget } from './environmentTarget.ts'

export const deleteEnvironment = operation({
  id: 'deleteOrgV2Environment',
  summary: 'Delete an environment that has no clusters left',
  method: 'DELETE',
  path: '/org/v2/environments/{id}',
  access: { permission: 'environment:delete' },
  params: EnvironmentParams,
  reply: { status: 204 },
  target: environmentTarget,
  handle: ({ target, caller }) => remove(caller, target),
})

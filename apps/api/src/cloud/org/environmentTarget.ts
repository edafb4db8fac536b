import { EnvironmentIdText } from '@tributary/contract/text'
import type { Caller } from '@tributary/control/caller'
import { findEnvironment } from '@tributary/control/environments/findEnvironment'
import type { Environment } from '@tributary/control/environments/environment'
import type { Subject } from '@tributary/domain/roles/isAllowed'
import { z } from 'zod'

export const EnvironmentParams = z.object({ id: EnvironmentIdText })

export const environmentTarget = ({ params, caller }: { params: z.output<typeof EnvironmentParams>; caller: Caller }) =>
  findEnvironment(caller, params.id)

export const environmentSubject = ({ target }: { target: Environment }): Subject => ({
  place: { environmentId: target.id },
})

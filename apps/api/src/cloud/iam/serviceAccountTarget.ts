import { ServiceAccountIdText } from '@tributary/contract/text'
import type { Caller } from '@tributary/control/caller'
import { findServiceAccount } from '@tributary/control/serviceAccounts/findServiceAccount'
import type { ServiceAccount } from '@tributary/control/serviceAccounts/serviceAccount'
import type { Subject } from '@tributary/domain/roles/isAllowed'
import { z } from 'zod'

export const ServiceAccountParams = z.object({ id: ServiceAccountIdText })

export const serviceAccountTarget = ({
  params,
  caller,
}: {
  params: z.output<typeof ServiceAccountParams>
  caller: Caller
}) => findServiceAccount(caller, params.id)

/** A principal is its own. */
export const serviceAccountSubject = ({ target }: { target: ServiceAccount }): Subject => ({
  place: {},
  owner: target.id,
})

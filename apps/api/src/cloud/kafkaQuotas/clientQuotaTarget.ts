import { ClientQuotaIdText } from '@tributary/contract/text'
import type { Caller } from '@tributary/control/caller'
import type { ClientQuota } from '@tributary/control/clientQuotas/clientQuota'
import { findClientQuota } from '@tributary/control/clientQuotas/findClientQuota'
import type { Subject } from '@tributary/domain/roles/isAllowed'
import { z } from 'zod'

export const ClientQuotaParams = z.object({ id: ClientQuotaIdText })

export const clientQuotaTarget = ({ params, caller }: { params: z.output<typeof ClientQuotaParams>; caller: Caller }) =>
  findClientQuota(caller, params.id)

/** A quota is where its cluster is. */
export const subjectOfClientQuota = ({ target }: { target: ClientQuota }): Subject => ({
  place: { environmentId: target.environment_id, clusterId: target.cluster_id },
})

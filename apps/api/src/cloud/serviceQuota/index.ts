import { getAppliedQuota } from './getAppliedQuota.ts'
import { getScope } from './getScope.ts'
import { listAppliedQuotas } from './listAppliedQuotas.ts'
import { listScopes } from './listScopes.ts'
import { updateServiceQuota } from './updateServiceQuota.ts'

export const serviceQuota = [listAppliedQuotas, getAppliedQuota, listScopes, getScope, updateServiceQuota]

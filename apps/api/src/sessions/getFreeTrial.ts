import { FreeTrial } from '@tributary/contract/sessions/sessions'
import { operation } from '../framework/operation.ts'

/** Clients ask after signing in. Nothing here is sold, so nothing is promoted. */
export const getFreeTrial = operation({
  id: 'getFreeTrialInfo',
  summary: 'Read the promotions of the organization: there are none',
  method: 'GET',
  path: '/api/growth/v1/free-trial-info',
  access: 'self',
  reply: { status: 200, body: FreeTrial },
  handle: async () => ({ promo_codes: [] }),
})

import { apikeys } from './cloud/apikeys/index.ts'
import { cmk } from './cloud/cmk/index.ts'
import { iam } from './cloud/iam/index.ts'
import { kafkaQuotas } from './cloud/kafkaQuotas/index.ts'
import { mds } from './cloud/mds/index.ts'
import { org } from './cloud/org/index.ts'
import { serviceQuota } from './cloud/serviceQuota/index.ts'
import { kafkaRest } from './kafkaRest/index.ts'
import { sessions } from './sessions/index.ts'
import { tributary } from './tributary/index.ts'
import type { Operation } from './framework/operation.ts'

/** Everything that is served. */
export const operations: readonly Operation[] = [
  ...org,
  ...iam,
  ...mds,
  ...apikeys,
  ...cmk,
  ...serviceQuota,
  ...kafkaQuotas,
  ...kafkaRest,
  ...sessions,
  ...tributary,
]

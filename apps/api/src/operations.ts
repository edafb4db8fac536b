import { apikeys } from './cloud/apikeys/index.ts'
import { cmk } from './cloud/cmk/index.ts'
import { kafkaRest } from './kafkaRest/index.ts'
import { sessions } from './sessions/index.ts'
import { tributary } from './tributary/index.ts'
import type { Operation } from './framework/operation.ts'

/** Everything that is served. */
export const operations: readonly Operation[] = [...cmk, ...apikeys, ...kafkaRest, ...sessions, ...tributary]

import { z } from 'zod'
import { listOf } from '../cloud/objects.ts'
import { PageQuery } from '../cloud/paging.ts'

/** What is being done to a resource: an addition of ours, `tributary/v1`. */

export const OperationQuery = PageQuery.extend({
  resource: z
    .string()
    .regex(/^[a-z]{1,16}-[a-z0-9]{1,60}$/, 'must be the id of a resource, such as lkc-a1b2c3d')
    .describe('The resource whose operations are wanted, such as a Kafka cluster.'),
})

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string(),
  message: z.string(),
  observedGeneration: z.int(),
  lastTransitionTime: z.string(),
})

/** One part of what is reconciled for a resource: it has settled when its generation is the observed one. */
const Reconciliation = z.object({
  kind: z.string(),
  generation: z.int(),
  observed_generation: z.int(),
  failures: z.int(),
  next_check_at: z.string().optional(),
  conditions: z.array(Condition),
})

const Operation = z
  .object({
    id: z.string(),
    kind: z.string(),
    name: z.string(),
    generation: z.int(),
    status: z.enum(['RUNNING', 'COMPLETED', 'FAILED']),
    attempts: z.int(),
    started_at: z.string(),
    finished_at: z.string().optional(),
    /** How far a long step is, in its own terms. */
    progress: z.record(z.string(), z.unknown()).optional(),
    error: z.object({ reason: z.string(), message: z.string() }).optional(),
  })
  .meta({ id: 'Operation' })

export const OperationList = listOf('tributary/v1', 'OperationList', Operation)
  .extend({ resource: z.object({ id: z.string(), reconciliations: z.array(Reconciliation) }) })
  .meta({ id: 'OperationList' })

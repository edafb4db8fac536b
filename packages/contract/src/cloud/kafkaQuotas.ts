import { z } from 'zod'
import { displayName, EnvironmentIdText, KafkaClusterIdText, line, ServiceAccountIdText } from '../text.ts'
import { listOf, object, Reference } from './objects.ts'
import { PageQuery } from './paging.ts'

/** Client quotas: `kafka-quotas/v1`. */

const largestRate = 2n ** 63n - 1n

/** Text, for JSON's numbers are not exact that far. */
const ByteRate = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, { error: 'must be a whole number of bytes per second above 0, as a string', abort: true })
  .refine((text) => BigInt(text) <= largestRate, `must be at most ${largestRate}`)
  .transform(BigInt)

const Throughput = z.object({ ingress_byte_rate: ByteRate, egress_byte_rate: ByteRate })

/** `<default>`: every principal that has no quota of its own. */
const Principals = z
  .array(z.object({ id: z.union([ServiceAccountIdText, z.literal('<default>')]) }))
  .min(1)
  .max(1000)
  .refine(
    (principals) => new Set(principals.map(({ id }) => id)).size === principals.length,
    'must name each principal once',
  )

export const ListClientQuotas = PageQuery.extend({
  'spec.cluster': KafkaClusterIdText,
  environment: EnvironmentIdText,
})

export const CreateClientQuota = z.object({
  spec: z.object({
    display_name: displayName(),
    description: line(255).default(''),
    throughput: Throughput,
    cluster: z.object({ id: KafkaClusterIdText }),
    principals: Principals,
    environment: z.object({ id: EnvironmentIdText }),
  }),
})

export const UpdateClientQuota = z.object({
  spec: z.object({
    display_name: displayName().exactOptional(),
    description: line(255).exactOptional(),
    throughput: Throughput.exactOptional(),
    principals: Principals.exactOptional(),
    environment: z.object({ id: EnvironmentIdText }).exactOptional(),
  }),
})

export const ClientQuota = object('kafka-quotas/v1', 'ClientQuota', {
  spec: z.object({
    display_name: z.string(),
    description: z.string(),
    throughput: z.object({ ingress_byte_rate: z.string(), egress_byte_rate: z.string() }),
    cluster: Reference.extend({ environment: z.string() }),
    principals: z.array(Reference),
    environment: Reference,
  }),
}).meta({ id: 'ClientQuota' })
export const ClientQuotaList = listOf('kafka-quotas/v1', 'ClientQuotaList', ClientQuota)

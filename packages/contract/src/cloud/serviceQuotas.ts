import { z } from 'zod'
import { EnvironmentIdText, KafkaClusterIdText, line } from '../text.ts'
import { listOf, Reference } from './objects.ts'
import { PageQuery } from './paging.ts'

/** Service quotas: `service-quota/v1`, and our own way to raise one. */

/** What quotas can be of. Those of the last five have none here. */
const scopes = [
  'ORGANIZATION',
  'ENVIRONMENT',
  'KAFKA_CLUSTER',
  'NETWORK',
  'SERVICE_ACCOUNT',
  'USER_ACCOUNT',
  'IDENTITY_PROVIDER',
  'CERTIFICATE_AUTHORITY',
] as const

/** Clients write `kafka-cluster` as well as KAFKA_CLUSTER. */
const ScopeText = z.preprocess(
  (value) => (typeof value === 'string' ? value.toUpperCase().replaceAll('-', '_') : value),
  z.enum(scopes),
)

const nowhere = line(255).optional().describe('There are none, so no quota is of one.')

export const ListAppliedQuotas = PageQuery.extend({
  scope: ScopeText,
  environment: EnvironmentIdText.optional(),
  kafka_cluster: KafkaClusterIdText.optional(),
  network: nowhere,
  identity_provider: nowhere,
  certificate_authority: nowhere,
  id: line(255).optional(),
})

/** Says of which environment or cluster: needed where the quota is of one. */
export const QuotaPlace = z.object({
  environment: EnvironmentIdText.optional(),
  kafka_cluster: KafkaClusterIdText.optional(),
})

export const UpdateServiceQuota = QuotaPlace.extend({ applied_limit: z.int32().min(0) })

const metadata = z.object({ self: z.string(), resource_name: z.string() })

export const AppliedQuota = z
  .object({
    api_version: z.literal('service-quota/v1'),
    kind: z.literal('AppliedQuota'),
    id: z.string(),
    metadata,
    scope: z.string(),
    display_name: z.string(),
    default_limit: z.int(),
    applied_limit: z.int(),
    usage: z.int(),
    organization: Reference,
    environment: Reference.optional(),
    kafka_cluster: Reference.extend({ environment: z.string() }).optional(),
  })
  .meta({ id: 'AppliedQuota' })
export const AppliedQuotaList = listOf('service-quota/v1', 'AppliedQuotaList', AppliedQuota)

export const QuotaScope = z
  .object({
    api_version: z.literal('service-quota/v1'),
    kind: z.literal('Scope'),
    id: z.string(),
    metadata,
    description: z.string(),
  })
  .meta({ id: 'QuotaScope' })
export const QuotaScopeList = listOf('service-quota/v1', 'ScopeList', QuotaScope)

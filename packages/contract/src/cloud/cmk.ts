import { z } from 'zod'
import { displayName, EnvironmentIdText, repeatable } from '../text.ts'
import { listOf, object, Reference } from './objects.ts'
import { PageQuery } from './paging.ts'

/** Kafka clusters: `cmk/v2`. */

const Basic = z.object({ kind: z.literal('Basic'), max_ecku: z.int32().min(1).optional() })
const Standard = z.object({ kind: z.literal('Standard'), max_ecku: z.int32().min(1).optional() })
const Dedicated = z.object({
  kind: z.literal('Dedicated'),
  cku: z.int().min(1).max(152),
  zones: z.null('must be left out: the installation chooses the zones').optional(),
  encryption_key: z.null('must be left out: self-managed encryption keys are not available yet').optional(),
})
export const ClusterConfig = z.discriminatedUnion('kind', [Basic, Standard, Dedicated], {
  error: ({ code }) =>
    code === 'invalid_union'
      ? 'must be Basic, Standard or Dedicated (Enterprise and Freight are not available yet)'
      : undefined,
})

export const AvailabilityText = z.enum(['SINGLE_ZONE', 'MULTI_ZONE', 'LOW', 'HIGH'])
const EnvironmentReference = z.object({ id: EnvironmentIdText })

const CloudText = z.preprocess(
  (value) => (typeof value === 'string' ? value.toUpperCase() : value),
  z.enum(['AWS', 'AZURE', 'GCP']),
)

export const ListClusters = PageQuery.extend({
  environment: EnvironmentIdText,
  'spec.deletion_protection': z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  'spec.network': repeatable.optional(),
})

export const CreateCluster = z.object({
  spec: z.object({
    display_name: displayName(),
    availability: AvailabilityText,
    cloud: CloudText,
    region: z.string().regex(/^[a-z0-9-]{1,63}$/, 'must be the name of a region, such as us-east-2'),
    config: ClusterConfig,
    deletion_protection: z.boolean().default(false),
    environment: EnvironmentReference,
    network: z.null('must be left out: private networks are not available yet').optional(),
    byok: z.null('must be left out: self-managed encryption keys are not available yet').optional(),
  }),
})

export const UpdateCluster = z.object({
  spec: z.object({
    display_name: displayName().exactOptional(),
    availability: AvailabilityText.exactOptional(),
    config: ClusterConfig.exactOptional(),
    deletion_protection: z.boolean().exactOptional(),
    environment: EnvironmentReference,
  }),
})

const Endpoints = z.object({
  kafka_bootstrap_endpoint: z.string(),
  http_endpoint: z.string(),
  connection_type: z.literal('PUBLIC'),
})

export const Cluster = object('cmk/v2', 'Cluster', {
  spec: z.object({
    display_name: z.string(),
    availability: z.string(),
    cloud: z.string(),
    region: z.string(),
    config: z.object({
      kind: z.string(),
      cku: z.int().optional(),
      max_ecku: z.int().optional(),
      zones: z.array(z.string()).optional(),
    }),
    kafka_bootstrap_endpoint: z.string().optional(),
    http_endpoint: z.string().optional(),
    endpoints: z.record(z.string(), Endpoints).optional(),
    deletion_protection: z.boolean(),
    environment: Reference,
  }),
  status: z.object({ phase: z.enum(['PROVISIONING', 'PROVISIONED', 'FAILED']), cku: z.int().optional() }),
}).meta({ id: 'Cluster' })

export const ClusterList = listOf('cmk/v2', 'ClusterList', Cluster)

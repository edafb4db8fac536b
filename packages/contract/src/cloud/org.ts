import { z } from 'zod'
import { displayName } from '../text.ts'
import { listOf, object } from './objects.ts'

/** Organizations and environments: `org/v2`. */

const StreamGovernance = z.null('must be left out: there are no Schema Registries yet').optional()

export const CreateEnvironment = z.object({
  display_name: displayName(),
  stream_governance_config: StreamGovernance,
})

export const UpdateEnvironment = z.object({
  display_name: displayName().exactOptional(),
  stream_governance_config: StreamGovernance,
})

export const Environment = object('org/v2', 'Environment', { display_name: z.string() }).meta({ id: 'Environment' })
export const EnvironmentList = listOf('org/v2', 'EnvironmentList', Environment)

export const UpdateOrganization = z.object({
  display_name: z
    .string()
    .regex(/^[^<>#%'*^`{|}~"\p{Cc}]{1,31}$/u, 'must be 1 to 31 characters without any of <>#%\'*^`{|}~"')
    .exactOptional(),
  jit_enabled: z.boolean().exactOptional(),
})

export const Organization = object('org/v2', 'Organization', {
  display_name: z.string(),
  jit_enabled: z.boolean(),
}).meta({ id: 'Organization' })
export const OrganizationList = listOf('org/v2', 'OrganizationList', Organization)

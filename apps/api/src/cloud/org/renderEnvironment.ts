import type { Environment as EnvironmentReply } from '@tributary/contract/cloud/org'
import type { Environment } from '@tributary/control/environments/environment'
import { crn } from '@tributary/domain/crn'
import type { z } from 'zod'
import { metadata } from '../references.ts'
import { withVersion } from '../../framework/versions.ts'

export function renderEnvironment(publicUrl: string, environment: Environment): z.input<typeof EnvironmentReply> {
  const { id, organization_id, display_name } = environment
  return {
    ...withVersion(environment),
    api_version: 'org/v2',
    kind: 'Environment',
    id,
    metadata: metadata(publicUrl, `/org/v2/environments/${id}`, crn.environment(organization_id, id), environment),
    display_name,
  }
}

import type { ApiKey as ApiKeyReply } from '@tributary/contract/cloud/apikeys'
import type { ApiKey } from '@tributary/control/apiKeys/apiKey'
import { crn } from '@tributary/domain/crn'
import type { z } from 'zod'
import { metadata, principalReference, resourceReference } from '../references.ts'
import { withVersion } from '../../framework/versions.ts'

export function renderApiKey(publicUrl: string, key: ApiKey, secret?: string): z.input<typeof ApiKeyReply> {
  const { id, organization_id, owner_id, display_name, description } = key
  return {
    ...withVersion(key),
    api_version: 'iam/v2',
    kind: 'ApiKey',
    id,
    metadata: metadata(publicUrl, `/iam/v2/api-keys/${id}`, crn.apiKey(organization_id, id), key),
    spec: {
      ...(secret === undefined ? {} : { secret }),
      display_name,
      description,
      owner: principalReference(publicUrl, organization_id, owner_id),
      resource: resourceReference(publicUrl, key),
    },
  }
}

import type { ApiKeyLifetime } from '@tributary/contract/tributary/apiKeys'
import type { ApiKey } from '@tributary/control/apiKeys/apiKey'
import type { z } from 'zod'
import { withVersion } from '../../framework/versions.ts'

export const renderApiKeyLifetime = (key: ApiKey): z.input<typeof ApiKeyLifetime> => ({
  ...withVersion(key),
  api_version: 'tributary/v1',
  kind: 'ApiKeyLifetime',
  id: key.id,
  expires_at: key.expires_at?.toISOString() ?? null,
  last_used_at: key.last_used_at?.toISOString() ?? null,
})

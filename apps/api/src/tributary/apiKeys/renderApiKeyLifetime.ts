import type { ApiKeyLifetime } from '@tributary/contract/tributary/apiKeys'
import type { ApiKey } from '@tributary/control/apiKeys/apiKey'
import type { z } from 'zod'

export const renderApiKeyLifetime = ({ id, expires_at, last_used_at }: ApiKey): z.input<typeof ApiKeyLifetime> => ({
  api_version: 'tributary/v1',
  kind: 'ApiKeyLifetime',
  id,
  expires_at: expires_at?.toISOString() ?? null,
  last_used_at: last_used_at?.toISOString() ?? null,
})

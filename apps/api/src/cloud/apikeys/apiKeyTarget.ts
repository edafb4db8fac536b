import { ApiKeyIdText } from '@tributary/contract/text'
import type { ApiKey } from '@tributary/control/apiKeys/apiKey'
import { findApiKey } from '@tributary/control/apiKeys/findApiKey'
import type { Caller } from '@tributary/control/caller'
import { z } from 'zod'

export const ApiKeyParams = z.object({ id: ApiKeyIdText })

export const apiKeyTarget = ({ params, caller }: { params: z.output<typeof ApiKeyParams>; caller: Caller }) =>
  findApiKey(caller, params.id)

export const ownerOfApiKey = (key: ApiKey): string => key.owner_id

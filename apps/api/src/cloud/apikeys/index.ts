import { createApiKey } from './createApiKey.ts'
import { getApiKey } from './getApiKey.ts'

export const apikeys = [createApiKey, getApiKey]

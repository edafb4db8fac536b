import { createApiKey } from './createApiKey.ts'
import { deleteApiKey } from './deleteApiKey.ts'
import { getApiKey } from './getApiKey.ts'
import { listApiKeys } from './listApiKeys.ts'
import { updateApiKey } from './updateApiKey.ts'

export const apikeys = [listApiKeys, createApiKey, getApiKey, updateApiKey, deleteApiKey]

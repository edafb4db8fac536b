import { getApiKeyLifetime } from './apiKeys/getApiKeyLifetime.ts'
import { rotateApiKey } from './apiKeys/rotateApiKey.ts'
import { updateApiKeyLifetime } from './apiKeys/updateApiKeyLifetime.ts'
import { listOperations } from './listOperations.ts'
import { republishAccess } from './republishAccess.ts'
import { searchTopics } from './topics/searchTopics.ts'

export const tributary = [
  listOperations,
  republishAccess,
  rotateApiKey,
  getApiKeyLifetime,
  updateApiKeyLifetime,
  searchTopics,
]

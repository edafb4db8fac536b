import { z } from 'zod'
import { KafkaClusterIdText, line, ServiceAccountIdText, UserIdText } from '../text.ts'
import { listOf, object, Reference } from './objects.ts'
import { PageQuery } from './paging.ts'

/** API keys: `iam/v2` in the document `apikeys-v2`. */

const PrincipalId = z.union([ServiceAccountIdText, UserIdText])

export const ListApiKeys = PageQuery.extend({
  'spec.owner': line(255).optional(),
  'spec.resource': line(255).optional().describe('The id of a Kafka cluster, or `cloud` for Cloud API keys.'),
})

export const CreateApiKey = z.object({
  spec: z.object({
    display_name: line(64).default(''),
    description: line(128).default(''),
    owner: z.object({ id: PrincipalId }),
    /** Without a resource it is a Cloud API key. */
    resource: z.object({ id: z.union([KafkaClusterIdText, z.literal('cloud')]) }).nullish(),
  }),
})

export const UpdateApiKey = z.object({
  spec: z.object({
    display_name: line(64).exactOptional(),
    description: line(128).exactOptional(),
  }),
})

const TypedReference = Reference.extend({ api_version: z.string(), kind: z.string() })

export const ApiKey = object('iam/v2', 'ApiKey', {
  spec: z.object({
    /** Only in the answer to the creation, and never again. */
    secret: z.string().optional(),
    display_name: z.string(),
    description: z.string(),
    owner: TypedReference,
    resource: TypedReference,
  }),
}).meta({ id: 'ApiKey' })

export const ApiKeyList = listOf('iam/v2', 'ApiKeyList', ApiKey)

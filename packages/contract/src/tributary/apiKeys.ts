import { z } from 'zod'

/** What an API key has beyond `iam/v2`: an addition of ours, `tributary/v1`. */

const longestOverlapSeconds = 30 * 24 * 3600

export const RotateApiKey = z
  .object({
    overlap_seconds: z
      .int()
      .min(0)
      .max(longestOverlapSeconds)
      .default(3600)
      .describe('How long the old key is good beside the new one; 0 ends it at once.'),
  })
  .prefault({})

export const UpdateApiKeyLifetime = z.object({
  expires_at: z.iso.datetime({ offset: true }).nullable().describe('From then on the key is refused; null for never.'),
})

export const ApiKeyLifetime = z
  .object({
    api_version: z.literal('tributary/v1'),
    kind: z.literal('ApiKeyLifetime'),
    id: z.string(),
    expires_at: z.string().nullable(),
    /** To the minute; null for a key that was never used. */
    last_used_at: z.string().nullable(),
  })
  .meta({ id: 'ApiKeyLifetime' })

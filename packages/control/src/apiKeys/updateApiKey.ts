import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { apiKeyColumns, type ApiKey } from './apiKey.ts'
import { asRead, changed } from '../versions.ts'

/** Renames a key. Brokers know nothing of names: its access stays as it is. */
export async function updateApiKey(
  caller: Caller,
  { id }: ApiKey,
  { displayName, description }: { displayName: string | undefined; description: string | undefined },
): Promise<ApiKey> {
  const change = sql`
    UPDATE api_keys
    SET display_name = coalesce(${displayName ?? null}::text, display_name),
        description = coalesce(${description ?? null}::text, description), ${changed}
    WHERE organization_id = ${caller.organizationId}::uuid AND id = ${id} AND deleted_at IS NULL ${asRead(caller)}
    RETURNING ${apiKeyColumns}`
  const [key] = await commit<ApiKey>(caller, { change })
  if (key === undefined) throw errors.notFound()
  return key
}

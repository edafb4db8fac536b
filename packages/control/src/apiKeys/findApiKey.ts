import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import { apiKeyColumns, type ApiKey } from './apiKey.ts'

export async function findApiKey(
  { organizationId, scope }: Pick<Caller, 'organizationId' | 'scope'>,
  id: string,
): Promise<ApiKey | undefined> {
  return scope.find<ApiKey>(sql`
    SELECT ${apiKeyColumns} FROM api_keys
    WHERE organization_id = ${organizationId}::uuid AND id = ${id} AND deleted_at IS NULL`)
}

import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'
import type { ApiKey } from './apiKey.ts'
import { lockOwner, makingKeysFor } from './apiKeyOwner.ts'
import { insertApiKey } from './createApiKey.ts'
import { expireApiKey } from './expireApiKey.ts'

/**
 * Makes a key that takes the place of another: for the same owner and resource, and both are good until the overlap
 * is over. Then the old one expires, on open connections too. A key that expires earlier still does.
 */
export function rotateApiKey(
  caller: Caller,
  key: ApiKey,
  overlapSeconds: number,
): Promise<{ key: ApiKey; secret: string }> {
  return makingKeysFor(caller, key.owner_id, (maker) =>
    maker.scope.transaction(async (scope) => {
      const inside = { ...maker, scope }
      // In the order in which everyone locks: the owner, the cluster, the key, then what is told of all of them.
      await scope.query(lockOwner(maker, key.owner_id))
      await scope.query(sql`
        SELECT 1 FROM kafka_clusters
        WHERE organization_id = ${maker.organizationId}::uuid AND id = ${key.resource_id} FOR SHARE`)
      await expireApiKey(inside, key, { afterSeconds: overlapSeconds })
      return insertApiKey(inside, {
        ownerId: key.owner_id,
        resourceId: key.resource_id ?? undefined,
        displayName: key.display_name,
        description: key.description,
      })
    }),
  )
}

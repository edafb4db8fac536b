import { commit } from '@tributary/database/commit'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import type { Caller } from '../caller.ts'

/** Signs out: every token of the caller's session is refused from now on. With an API key there is none to end. */
export async function endSession(caller: Caller): Promise<void> {
  if (caller.sessionId === undefined) throw errors.notFound()
  await commit(caller, {
    change: sql`
      UPDATE sessions SET ended_at = now() WHERE id = ${caller.sessionId}::uuid AND ended_at IS NULL
      RETURNING id::text, organization_id`,
  })
}

import type { Database } from '@tributary/database/database'
import { errors } from '@tributary/domain/errors'
import sql from 'sql-template-tag'
import { sessionTtlMs, type Session } from './session.ts'

/** A session that is still on goes on for its whole length from now; one that has ended is a 401. */
export async function refreshSession(database: Database, id: string): Promise<Session> {
  const [found] = await database.query<{ organization_id: string; user_id: string }>(
    sql`SELECT organization_id, user_id FROM find_session(${id}::uuid)`,
  )
  if (found === undefined) throw errors.badCredentials()
  const [extended] = await database.within(found.organization_id).query<{ expires_at: Date }>(sql`
    UPDATE sessions SET expires_at = now() + ${sessionTtlMs} * interval '1 ms'
    WHERE id = ${id}::uuid AND ended_at IS NULL RETURNING expires_at`)
  if (extended === undefined) throw errors.badCredentials()
  return { id, organizationId: found.organization_id, userId: found.user_id, expiresAt: extended.expires_at }
}

import { randomUUID } from 'node:crypto'
import { commit } from '@tributary/database/commit'
import type { Database } from '@tributary/database/database'
import { errors } from '@tributary/domain/errors'
import { unmatchableHash, verifyPassword } from '@tributary/kit/password'
import sql from 'sql-template-tag'
import { sessionTtlMs, type Session } from './session.ts'

export interface Credentials {
  email: string
  password: string
  /** The organization that is wanted, where the client names one. */
  organizationId: string | undefined
}

interface UserRow {
  id: string
  organization_id: string
  password_hash: string | null
}

/** An unknown address costs what a wrong password does, and both are the same 401. */
export async function signIn(
  database: Database,
  { email, password, organizationId }: Credentials,
  request: { operation: string; requestId: string },
): Promise<Session> {
  const [user] = await database.query<UserRow>(sql`SELECT * FROM find_user_by_email(${email})`)
  const matches = await verifyPassword(password, user?.password_hash ?? unmatchableHash)
  const elsewhere = organizationId !== undefined && user?.organization_id !== organizationId
  if (user === undefined || !matches || elsewhere) throw errors.badCredentials()
  const author = { ...request, principalId: user.id, scope: database.within(user.organization_id) }
  const [row] = await commit<{ id: string; expires_at: Date }>(author, {
    over: sql`DELETE FROM sessions WHERE user_id = ${user.id} AND expires_at < now()`,
    change: sql`
      INSERT INTO sessions (id, organization_id, user_id, expires_at)
      VALUES (${randomUUID()}::uuid, ${user.organization_id}::uuid, ${user.id}, now() + ${sessionTtlMs} * interval '1 ms')
      RETURNING id::text, organization_id, expires_at`,
  })
  if (row === undefined) throw new Error('a session was inserted and not returned')
  return { id: row.id, organizationId: user.organization_id, userId: user.id, expiresAt: row.expires_at }
}

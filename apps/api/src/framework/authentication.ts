import type { Database } from '@tributary/database/database'
import { grantFrom, type StoredGrant } from '@tributary/control/roleBindings/storedGrant'
import { errors } from '@tributary/domain/errors'
import type { Grant } from '@tributary/domain/roles/grantsOn'
import { verifySecret } from '@tributary/kit/apiKeySecret'
import sql from 'sql-template-tag'
import type { SessionTokens, TokenUse } from './sessionTokens.ts'

export interface Identity {
  organizationId: string
  principalId: string
  grants: readonly Grant[]
  /** The API key that was shown, and the cluster it is for; no key where it was a session. */
  apiKey: { id: string; secret: string; resourceId: string | undefined } | undefined
  sessionId: string | undefined
}

interface ApiKeyRow {
  organization_id: string
  owner_id: string
  resource_id: string | null
  salt: Buffer
  hash: Buffer
  grants: StoredGrant[]
}

/** Who sends a request: an API key as Basic credentials, or a session token as Bearer. Bad ones are a 401, always. */
export async function authenticate(
  authorization: string | undefined,
  database: Database,
  sessions: SessionTokens,
  use: TokenUse,
): Promise<Identity> {
  if (authorization === undefined) throw errors.unauthenticated()
  const [scheme = '', credentials = ''] = authorization.split(/ +/, 2)
  switch (scheme.toLowerCase()) {
    case 'basic':
      return byApiKey(credentials, database)
    case 'bearer':
      return bySession(sessions.verify(credentials, use), database)
    default:
      throw errors.unauthenticated()
  }
}

async function byApiKey(credentials: string, database: Database): Promise<Identity> {
  const [id = '', ...rest] = Buffer.from(credentials, 'base64').toString('utf8').split(':')
  const secret = rest.join(':')
  if (!/^[A-Z0-9]{1,64}$/.test(id)) throw errors.badCredentials()
  const [key] = await database.lookUp<ApiKeyRow>(sql`SELECT * FROM find_api_key(${id})`)
  if (key === undefined || !verifySecret(secret, key)) throw errors.badCredentials()
  return {
    organizationId: key.organization_id,
    principalId: key.owner_id,
    grants: key.grants.map(grantFrom),
    apiKey: { id, secret, resourceId: key.resource_id ?? undefined },
    sessionId: undefined,
  }
}

/** Whose session a token is of, and what its user may do, is looked up anew each time. */
async function bySession(sessionId: string, database: Database): Promise<Identity> {
  const [user] = await database.lookUp<{ organization_id: string; user_id: string; grants: StoredGrant[] }>(
    sql`SELECT * FROM find_session(${sessionId}::uuid)`,
  )
  if (user === undefined) throw errors.badCredentials()
  return {
    organizationId: user.organization_id,
    principalId: user.user_id,
    grants: user.grants.map(grantFrom),
    apiKey: undefined,
    sessionId,
  }
}

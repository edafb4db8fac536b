import type { Installation } from '@tributary/control/installation'
import type { Database } from '@tributary/database/database'
import type { Clock } from '@tributary/kit/clock'
import type { SessionClaims, VerifySession } from './framework/authentication.ts'

/** What operations work with. */
export interface Services {
  database: Database
  installation: Installation
  clock: Clock
  /** What clients reach: `http://host:port`, no slash at its end. */
  publicUrl: string
  sessions: {
    sign: (claims: SessionClaims, expiresInSeconds: number) => string
    verify: VerifySession
  }
}

import type { Author } from '@tributary/database/commit'
import type { Grant } from '@tributary/domain/roles/grantsOn'

/** Who makes a request, and inside which organization: every use case works in its scope. */
export interface Caller extends Author {
  organizationId: string
  /** What it was granted, itself, in the organization. */
  grants: readonly Grant[]
  /** The key that was shown, and the cluster it is for: undefined there for a Cloud API key. */
  apiKey: { id: string; secret: string; resourceId: string | undefined } | undefined
  /** The session that was signed in, where no key was shown. */
  sessionId?: string | undefined
  /** The versions of what it changes that it goes out from; undefined for any. */
  readVersions?: readonly bigint[] | undefined
}

/** How long a session lasts from its last refresh, and how long the token of a request is good for. */
export const sessionTtlMs = 24 * 3_600_000
export const accessTokenTtlMs = 3_600_000
/** Clients ask for one before each call of a data plane. */
export const dataPlaneTokenTtlMs = 600_000

export interface Session {
  id: string
  organizationId: string
  userId: string
  expiresAt: Date
}

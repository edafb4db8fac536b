export interface AccessObservation {
  deleted: boolean
  provisioned: boolean
  /** Keys and role bindings changed after what was last published, or nothing ever was. */
  behind: boolean
  /** Somebody asked that everything be published again. */
  republishRequested: boolean
  /** This process has compared the topic with the database before: what it holds is known. */
  compared: boolean
  /** Milliseconds until the topic is to be compared with the database again. */
  compareInMs: number
  /** Milliseconds until the next key expires. */
  keyExpiresInMs: number | undefined
}

export type AccessStep =
  | { do: 'publish' }
  | { do: 'compare' }
  | { do: 'republish' }
  | { do: 'endExpiredKeys' }
  | { do: 'awaitCluster' }
  | { do: 'forget' }
  | { do: 'settled'; compareAfterMs: number; keyExpiresAfterMs: number | undefined }

/**
 * The next step towards brokers that know all keys and role bindings. What is newer is published alone once this
 * process knows that the topic held everything else; comparing publishes what is newer too.
 */
export function planAccess(observed: AccessObservation): AccessStep {
  const { deleted, provisioned, behind, republishRequested, compared, compareInMs, keyExpiresInMs } = observed
  if (deleted) return { do: 'forget' }
  if (!provisioned) return { do: 'awaitCluster' }
  if (keyExpiresInMs !== undefined && keyExpiresInMs <= 0) return { do: 'endExpiredKeys' }
  if (republishRequested) return { do: 'republish' }
  if (compareInMs <= 0 || (behind && !compared)) return { do: 'compare' }
  if (behind) return { do: 'publish' }
  return { do: 'settled', compareAfterMs: compareInMs, keyExpiresAfterMs: keyExpiresInMs }
}

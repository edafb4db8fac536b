/**
 * What brokers know of keys and role bindings, as records of the access topic. Each carries a revision;
 * brokers ignore one that is older than what they have, so a late writer brings nothing back.
 * A deletion is a record too: a tombstone has no revision, and would let an older record revive it.
 */
export interface AccessRecord {
  key: AccessKey
  revision: number
  content: AccessContent
}

export type AccessKey = `key/${string}` | `binding/${string}`

export type AccessContent =
  /** `salt` and `hash` in base64; `expires` in milliseconds since 1970. */
  | { owner: string; salt: string; hash: string; expires?: number }
  /** What a role comes to here, in Kafka's own words: brokers know no roles. */
  | { principal: string; grants: readonly AccessGrant[] }
  | { deleted: true }

export interface AccessGrant {
  type: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID' | 'CLUSTER'
  name: string
  pattern: 'LITERAL' | 'PREFIXED'
  operations: readonly string[]
}

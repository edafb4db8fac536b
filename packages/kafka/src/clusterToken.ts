import { createPrivateKey, sign } from 'node:crypto'

/** Long enough for one piece of work. The broker ends the connection with the token. */
const lifetimeSeconds = 60

/**
 * Lets a user or a service account act on one cluster without a key: a compact JWT, signed with the
 * installation's Ed25519 key, that the cluster's brokers accept as SASL/OAUTHBEARER on the listener for
 * clients. What the principal may do there is the brokers' business.
 */
export function issueClusterToken(
  { principalId, clusterId }: { principalId: string; clusterId: string },
  privateKeyPem: string,
  now: Date,
): string {
  const issuedAt = Math.floor(now.getTime() / 1000)
  const claims = { sub: principalId, aud: clusterId, iat: issuedAt, exp: issuedAt + lifetimeSeconds }
  const content = `${encoded({ alg: 'EdDSA', typ: 'JWT' })}.${encoded(claims)}`
  const signature = sign(undefined, Buffer.from(content), createPrivateKey(privateKeyPem))
  return `${content}.${signature.toString('base64url')}`
}

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

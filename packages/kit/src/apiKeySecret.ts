import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * The secret of an API key carries 256 random bits, so one round of SHA-256 over a salt is a
 * sufficient verifier: there is nothing to guess. The same verifier is checked by the API and by
 * every broker. It is computed once; the secret itself is never stored.
 */
export interface SecretVerifier {
  salt: Buffer
  hash: Buffer
}

const secretAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** 64 characters of a 64-letter alphabet: 384 random bits. */
export function generateSecret(): string {
  return Array.from(randomBytes(64), (byte) => secretAlphabet[byte % 64]).join('')
}

export function computeVerifier(secret: string, salt: Buffer = randomBytes(16)): SecretVerifier {
  return { salt, hash: createHash('sha256').update(salt).update(secret, 'utf8').digest() }
}

export function verifySecret(secret: string, verifier: SecretVerifier): boolean {
  return timingSafeEqual(computeVerifier(secret, verifier.salt).hash, verifier.hash)
}

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { computeVerifier, generateSecret, verifySecret } from './apiKeySecret.ts'

describe('the secret of an API key', () => {
  it('is 64 characters that clients know, and another each time', () => {
    const secrets = Array.from({ length: 200 }, generateSecret)
    for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9+/]{64}$/)
    expect(new Set(secrets).size).toBe(200)
    expect(new Set(secrets.join('')).size).toBe(64)
  })

  it('is known by its verifier alone, and no other is', () => {
    const secret = generateSecret()
    const verifier = computeVerifier(secret)
    expect(verifySecret(secret, verifier)).toBe(true)
    expect(verifySecret(`${secret.slice(0, -1)}!`, verifier)).toBe(false)
    expect(verifySecret('', verifier)).toBe(false)
    expect(verifySecret(secret, { ...verifier, salt: computeVerifier(secret).salt })).toBe(false)
  })

  it('has the verifier that brokers compute: SHA-256 over salt and secret', () => {
    const salt = Buffer.alloc(16, 7)
    const hash = createHash('sha256')
      .update(Buffer.concat([salt, Buffer.from('secret')]))
      .digest()
    expect(computeVerifier('secret', salt)).toEqual({ salt, hash })
  })
})

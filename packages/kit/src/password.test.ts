import { argon2Sync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hashPassword, unmatchableHash, verifyPassword } from './password.ts'

const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

describe('a password is stored as argon2id that names its parameters', () => {
  it('in the PHC format, salted', async () => {
    const [hash, again] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')])
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(hash).not.toBe(again)
  })

  it('and is matched by itself alone', async () => {
    const hash = await hashPassword('correct horse')
    expect(await verifyPassword('correct horse', hash)).toBe(true)
    expect(await verifyPassword('correct horse ', hash)).toBe(false)
    expect(await verifyPassword('', unmatchableHash)).toBe(false)
  })

  it('also when it was stored with other parameters', async () => {
    const nonce = Buffer.alloc(16, 1)
    const tag = argon2Sync('argon2id', { message: 'old', nonce, memory: 64, passes: 1, parallelism: 1, tagLength: 16 })
    expect(await verifyPassword('old', `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(tag)}`)).toBe(true)
  })

  it('and nothing else is taken for a hash', async () => {
    await expect(verifyPassword('x', '$2b$10$abc')).rejects.toThrow('not an argon2id hash')
  })
})

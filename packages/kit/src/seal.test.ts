import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deriveKey, Keyring, seal, unseal } from './seal.ts'

const key = randomBytes(32)
const refusal = /unable to authenticate data|not a sealed value/
const secret = Buffer.from('a secret')
const context = 'kafka-cluster/lkc-1/authority-key'

describe('a sealed value opens with its key, in its place, and whole', () => {
  it('opens', () => {
    expect(unseal(key, seal(key, secret, context), context)).toEqual(secret)
    expect(unseal(key, seal(key, Buffer.alloc(0), context), context)).toEqual(Buffer.alloc(0))
  })

  it('does not open when any single bit of it was changed', () => {
    const sealed = seal(key, secret, context)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const tampered = Buffer.from(sealed)
      tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => unseal(key, tampered, context)).toThrow(refusal)
    }
  })

  it('does not open when it was cut, moved to another field, or with another key', () => {
    const sealed = seal(key, secret, context)
    for (let length = 0; length < sealed.length; length++) {
      expect(() => unseal(key, sealed.subarray(0, length), context)).toThrow(refusal)
    }
    expect(() => unseal(key, sealed, 'kafka-cluster/lkc-2/authority-key')).toThrow(refusal)
    expect(() => unseal(randomBytes(32), sealed, context)).toThrow(refusal)
  })

  it('is another each time', () => {
    expect(seal(key, secret, context)).not.toEqual(seal(key, secret, context))
  })
})

describe('a data key opens for its organization alone', () => {
  it('under the same key-encryption key', () => {
    const [ours, theirs] = [randomUUID(), randomUUID()]
    const keyring = new Keyring(key)
    const wrapped = keyring.newDataKey(ours)
    expect(keyring.openDataKey(ours, wrapped)).toHaveLength(32)
    expect(() => keyring.openDataKey(theirs, wrapped)).toThrow(refusal)
    expect(() => new Keyring(randomBytes(32)).openDataKey(ours, wrapped)).toThrow(refusal)
  })
})

describe('a derived key serves one purpose', () => {
  it('and is the same each time', () => {
    expect(deriveKey('material', 'sessions')).toEqual(deriveKey('material', 'sessions'))
    expect(deriveKey('material', 'sessions')).not.toEqual(deriveKey('material', 'cursors'))
  })
})

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/**
 * Envelope encryption. A key-encryption key of the installation wraps one data key for each
 * organization; the data key seals the organization's secrets. Every sealed value is bound to the
 * identity of its field (`context`), so a value copied into another row does not open.
 *
 * Layout of a sealed value: version (1 byte) ‖ nonce (12) ‖ tag (16) ‖ ciphertext.
 */
const version = 1
const tagLength = 16
const headerLength = 13 + tagLength

export function seal(key: Buffer, plaintext: Buffer, context: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
  cipher.setAAD(Buffer.from(context, 'utf8'))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), ciphertext])
}

/** Throws when the key, the context or a single bit is not the one that sealed it. */
export function unseal(key: Buffer, sealed: Buffer, context: string): Buffer {
  if (sealed[0] !== version || sealed.length < headerLength) throw new Error('not a sealed value of a known version')
  // A shorter tag would be taken too, and is easier to guess.
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13), { authTagLength: tagLength })
  decipher.setAAD(Buffer.from(context, 'utf8'))
  decipher.setAuthTag(sealed.subarray(13, headerLength))
  return Buffer.concat([decipher.update(sealed.subarray(headerLength)), decipher.final()])
}

/** A 256-bit key for one purpose, derived from key material of any length. */
export function deriveKey(material: Buffer | string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, Buffer.alloc(0), purpose, 32))
}

/** Wraps and opens the data keys of organizations with the installation's key-encryption key. */
export class Keyring {
  readonly #keyEncryptionKey: Buffer

  constructor(keyEncryptionKey: Buffer) {
    this.#keyEncryptionKey = keyEncryptionKey
  }

  newDataKey(organizationId: string): Buffer {
    return seal(this.#keyEncryptionKey, randomBytes(32), `organization/${organizationId}/data-key`)
  }

  openDataKey(organizationId: string, wrapped: Buffer): Buffer {
    return unseal(this.#keyEncryptionKey, wrapped, `organization/${organizationId}/data-key`)
  }

  derive(purpose: string): Buffer {
    return deriveKey(this.#keyEncryptionKey, purpose)
  }
}

import { generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { issueClusterToken } from './clusterToken.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const now = new Date('2026-11-20T10:00:00.999Z')
const token = issueClusterToken({ principalId: 'sa-1', clusterId: 'lkc-1' }, privateKey, now)
const [header = '', claims = '', signature = ''] = token.split('.')
const isSigned = (content: string) =>
  verify(undefined, Buffer.from(content), publicKey, Buffer.from(signature, 'base64url'))
const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))

describe('a cluster token', () => {
  it('names one principal and one cluster, for a minute', () => {
    const issuedAt = Date.parse('2026-11-20T10:00:00Z') / 1000
    expect(decoded(claims)).toEqual({ sub: 'sa-1', aud: 'lkc-1', iat: issuedAt, exp: issuedAt + 60 })
  })

  it('is signed with the key of the installation', () => {
    expect(decoded(header)).toEqual({ alg: 'EdDSA', typ: 'JWT' })
    expect(isSigned(`${header}.${claims}`)).toBe(true)
    expect(isSigned(`${header}.${claims}A`)).toBe(false)
  })

  it('is nothing that SASL/OAUTHBEARER would not carry', () => {
    expect(token).toMatch(/^[-_A-Za-z0-9]+\.[-_A-Za-z0-9]+\.[-_A-Za-z0-9]+$/)
    expect(token.length).toBeLessThan(300)
  })
})

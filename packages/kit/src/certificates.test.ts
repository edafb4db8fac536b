import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { createCertificateAuthority, issueCertificate } from './certificates.ts'

const now = new Date()
const hosts = ['127.0.0.1', '::1', 'kafka.example.com']
const authority = await createCertificateAuthority('An authority', now)
const stranger = await createCertificateAuthority('An authority', now)
const issued = await issueCertificate(authority, { commonName: 'broker-1', organizationalUnit: 'lkc-1', hosts }, now)

describe('an issued certificate is its authority’s and nobody else’s', () => {
  it('verifies against the authority, and not against another of the same name', () => {
    const certificate = new X509Certificate(issued.certificatePem)
    expect(certificate.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true)
    expect(certificate.verify(new X509Certificate(stranger.certificatePem).publicKey)).toBe(false)
  })

  it('names its subject and exactly its hosts, and issues nothing itself', () => {
    const certificate = new X509Certificate(issued.certificatePem)
    expect(certificate.subject).toBe('CN=broker-1\nOU=lkc-1')
    expect(certificate.subjectAltName).toBe('IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:kafka.example.com')
    expect(certificate.ca).toBe(false)
    expect(new X509Certificate(authority.certificatePem).ca).toBe(true)
  })

  it('is valid now, and was yesterday, for clocks that are late', () => {
    const { validFromDate, validToDate } = new X509Certificate(issued.certificatePem)
    expect(validFromDate.getTime()).toBeLessThanOrEqual(now.getTime() - 86_000_000)
    expect(validToDate.getTime()).toBeGreaterThan(now.getTime() + 365 * 86_400_000)
  })

  it('has serial numbers of its own', async () => {
    const another = await issueCertificate(authority, { commonName: 'broker-1', hosts: [] }, now)
    expect(new X509Certificate(another.certificatePem).serialNumber).not.toBe(
      new X509Certificate(issued.certificatePem).serialNumber,
    )
  })
})

describe('TLS with both ends certified', () => {
  const credentials = { cert: issued.certificatePem, key: issued.privateKeyPem, ca: authority.certificatePem }

  async function greet(trusted: string, host: string): Promise<string> {
    const server = createServer({ ...credentials, requestCert: true, rejectUnauthorized: true }, (socket) =>
      socket.end('hello'),
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const socket: TLSSocket = connect({ ...credentials, ca: trusted, host: '127.0.0.1', port, servername: host })
    try {
      const [greeting] = (await once(socket, 'data')) as [Buffer]
      return greeting.toString()
    } finally {
      socket.destroy()
      server.close()
    }
  }

  it('is made with the authority that issued them', async () => {
    expect(await greet(authority.certificatePem, 'kafka.example.com')).toBe('hello')
  })

  it('is refused under another authority, or for a name that is not in the certificate', async () => {
    await expect(greet(stranger.certificatePem, 'kafka.example.com')).rejects.toThrow(/certificate|signature|issuer/i)
    await expect(greet(authority.certificatePem, 'other.example.com')).rejects.toThrow(/altnames/)
  })
})

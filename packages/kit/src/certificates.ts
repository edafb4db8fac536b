import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

/** X.509 with ECDSA P-256: what TLS between brokers, the control plane and clients is built from. */

export interface CertificateAuthority {
  certificatePem: string
  privateKeyPem: string
}

export interface IssuedCertificate {
  certificatePem: string
  privateKeyPem: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000
x509.cryptoProvider.set(webcrypto)

export async function createCertificateAuthority(commonName: string, now: Date): Promise<CertificateAuthority> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'),
    name: [{ CN: [commonName] }],
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + 3650 * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificatePem: pem(certificate), privateKeyPem: await exportPrivateKey(keys.privateKey) }
}

/**
 * Issues a certificate for both ends of a TLS connection.
 * `hosts` become subject alternative names: an address as an IP, anything else as a DNS name.
 */
export async function issueCertificate(
  authority: CertificateAuthority,
  subject: { commonName: string; organizationalUnit?: string; hosts: readonly string[] },
  now: Date,
): Promise<IssuedCertificate> {
  const issuer = new x509.X509Certificate(authority.certificatePem)
  const signingKey = await importPrivateKey(authority.privateKeyPem)
  const keys = await generateKeys()
  const { commonName, organizationalUnit, hosts } = subject
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString('hex'),
    subject: [{ CN: [commonName] }, ...(organizationalUnit === undefined ? [] : [{ OU: [organizationalUnit] }])],
    issuer: issuer.subjectName,
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + 825 * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(hosts.length === 0
        ? []
        : [
            new x509.SubjectAlternativeNameExtension(
              hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
            ),
          ]),
    ],
  })
  return { certificatePem: pem(certificate), privateKeyPem: await exportPrivateKey(keys.privateKey) }
}

function generateKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function exportPrivateKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}

function importPrivateKey(privateKeyPem: string) {
  const [der] = x509.PemConverter.decode(privateKeyPem)
  if (der === undefined) throw new Error('no private key in this PEM text')
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

const pem = (certificate: x509.X509Certificate) => `${certificate.toString('pem')}\n`

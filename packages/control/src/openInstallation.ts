import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createCertificateAuthority, type CertificateAuthority } from '@tributary/kit/certificates'
import { Keyring } from '@tributary/kit/seal'
import type { Installation } from './installation.ts'

/** Where an installation keeps what must never be lost: without it nothing sealed can be opened. */
const secretsDirectory = (home: string) => path.join(home, 'secrets')

/** The certificate that clients trust, as a file that can be handed to them. */
export const caFile = (home: string) => path.join(home, 'ca.pem')

/** Opens the installation in `home`; the first to open it makes its keys. */
export async function openInstallation(home: string): Promise<Installation> {
  const secrets = secretsDirectory(home)
  await mkdir(secrets, { recursive: true, mode: 0o700 })
  const key = await readOrCreate(path.join(secrets, 'key-encryption-key'), async () =>
    randomBytes(32).toString('base64'),
  )
  const authority = JSON.parse(
    await readOrCreate(path.join(secrets, 'certificate-authority.json'), async () =>
      JSON.stringify(await createCertificateAuthority('Tributary', new Date())),
    ),
  ) as CertificateAuthority
  const tokenPrivateKey = await readOrCreate(path.join(secrets, 'token-key.pem'), async () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
  )
  await readOrCreate(caFile(home), async () => authority.certificatePem, 0o644)
  return {
    keyring: new Keyring(Buffer.from(key, 'base64')),
    authority,
    tokenKey: {
      privateKeyPem: tokenPrivateKey,
      publicKeyPem: createPublicKey(tokenPrivateKey).export({ type: 'spki', format: 'pem' }),
    },
    placement: { zones: ['zone-1', 'zone-2', 'zone-3'], maxCku: 4 },
  }
}

/** Whoever links the file into place first has made it; everyone reads that one. */
async function readOrCreate(file: string, create: () => Promise<string>, mode = 0o600): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined) return known
  const own = `${file}.${process.pid}`
  await writeFile(own, await create(), { mode })
  try {
    await link(own, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(own)
  }
  return readFile(file, 'utf8')
}

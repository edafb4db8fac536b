import type { CertificateAuthority } from '@tributary/kit/certificates'
import type { Keyring } from '@tributary/kit/seal'

/** What is one and the same for everything that this installation runs. */
export interface Installation {
  keyring: Keyring
  /** Vouches for what clients connect to. */
  authority: CertificateAuthority
  tokenKey: TokenKey
  placement: Placement
}

/** Signs the tokens with which the control plane lets a user act on a cluster: Ed25519, in PEM (SPKI and PKCS #8). */
export interface TokenKey {
  publicKeyPem: string
  privateKeyPem: string
}

/** What serves a region: zones, and how much fits. */
export interface Placement {
  zones: readonly string[]
  /** Largest Dedicated cluster, in CKUs. */
  maxCku: number
}

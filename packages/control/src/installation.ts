import type { CertificateAuthority } from '@tributary/kit/certificates'
import type { Keyring } from '@tributary/kit/seal'

/** What is one and the same for everything that this installation runs. */
export interface Installation {
  keyring: Keyring
  /** Vouches for what clients connect to. */
  authority: CertificateAuthority
  placement: Placement
}

/** What serves a region: zones, and how much fits. */
export interface Placement {
  zones: readonly string[]
  /** Largest Dedicated cluster, in CKUs. */
  maxCku: number
}

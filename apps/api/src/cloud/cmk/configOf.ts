import type { ClusterConfig } from '@tributary/contract/cloud/cmk'
import type { z } from 'zod'

/** The type of a cluster and its size: CKUs are of Dedicated clusters, elastic ones of the others. */
export const configOf = (config: z.output<typeof ClusterConfig>) => ({
  type: config.kind,
  cku: config.kind === 'Dedicated' ? config.cku : undefined,
  maxEcku: config.kind === 'Dedicated' ? undefined : config.max_ecku,
})

import { KafkaClusterIdText } from '@tributary/contract/text'
import type { Caller } from '@tributary/control/caller'
import { clientConnection } from '@tributary/control/topics/clientConnection'
import { errors } from '@tributary/domain/errors'
import type { KafkaClusterId } from '@tributary/domain/ids'
import { z } from 'zod'
import type { Services } from '../services.ts'

export const ClusterPath = z.object({ cluster_id: KafkaClusterIdText })

/** The cluster of the path, for who signed in or shows a key of that very cluster. */
export async function clusterClient(
  { params, caller }: { params: z.output<typeof ClusterPath>; caller: Caller },
  services: Services,
) {
  if (caller.apiKey !== undefined && caller.apiKey.resourceId !== params.cluster_id) throw errors.badCredentials()
  return clientConnection(caller, params.cluster_id, services)
}

/** The cluster that the key of the request is for. */
export async function ownClusterClient({ caller }: { caller: Caller }, services: Services) {
  if (caller.apiKey?.resourceId === undefined) throw errors.badCredentials()
  return clientConnection(caller, caller.apiKey.resourceId as KafkaClusterId, services)
}

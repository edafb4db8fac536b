import { ApiKeyIdText } from '@tributary/contract/text'
import type { ApiKey } from '@tributary/control/apiKeys/apiKey'
import { findApiKey } from '@tributary/control/apiKeys/findApiKey'
import type { Caller } from '@tributary/control/caller'
import type { EnvironmentId, KafkaClusterId } from '@tributary/domain/ids'
import type { Subject } from '@tributary/domain/roles/isAllowed'
import { z } from 'zod'

export const ApiKeyParams = z.object({ id: ApiKeyIdText })

export const apiKeyTarget = ({ params, caller }: { params: z.output<typeof ApiKeyParams>; caller: Caller }) =>
  findApiKey(caller, params.id)

/** A key of a cluster is where the cluster is; a Cloud API key is the organization's. */
export const apiKeySubject = ({ target }: { target: ApiKey }): Subject => ({
  place: target.resource_id === null ? {} : clusterPlace(target.environment_id, target.resource_id),
  owner: target.owner_id,
})

const clusterPlace = (environmentId: EnvironmentId | null, clusterId: KafkaClusterId): Subject['place'] =>
  environmentId === null ? {} : { environmentId, clusterId }

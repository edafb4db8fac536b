import { ConfigName } from '@tributary/contract/kafkaRest/configs'
import type { Caller } from '@tributary/control/caller'
import {
  awaitConfiguration,
  changeBrokerConfigs,
  type BrokerConfigChange,
} from '@tributary/control/kafkaConfiguration/changeBrokerConfigs'
import { placeOfCluster, type KafkaCluster } from '@tributary/control/kafkaClusters/kafkaCluster'
import { kafkaRestErrors } from '@tributary/domain/kafkaRestErrors'
import { isAllowed } from '@tributary/domain/roles/isAllowed'
import type { z } from 'zod'
import type { Input } from '../../framework/operation.ts'
import type { Services } from '../../services.ts'
import { ClusterPath, clusterClient } from '../clusterClient.ts'
import { asKafkaRestError } from '../kafkaRestErrors.ts'

/**
 * Settings of all brokers are desired state of the cluster: the control plane decides on them, and not a broker. So
 * it takes who may change the cluster, whatever an ACL says.
 */
export async function ownedCluster(
  input: { params: z.output<typeof ClusterPath>; caller: Caller },
  services: Services,
): Promise<KafkaCluster | undefined> {
  const client = await clusterClient(input, services)
  if (client === undefined) return undefined
  const place = placeOfCluster(client.cluster)
  if (!isAllowed(input.caller, 'kafka-cluster:update', { place })) throw kafkaRestErrors.notAuthorized()
  return client.cluster
}

export const ClusterConfigPath = ClusterPath.extend({ name: ConfigName })

/** Answers when brokers have what was asked for, so that whoever reads next sees it. */
export async function changeConfigs(
  { caller, target }: Pick<Input<unknown, unknown, unknown, KafkaCluster>, 'caller' | 'target'>,
  { installation }: Services,
  changes: readonly BrokerConfigChange[],
  { validateOnly }: { validateOnly: boolean },
): Promise<void> {
  const options = { installation, validateOnly }
  const generation = await changeBrokerConfigs(caller, target, changes, options).catch(asKafkaRestError)
  if (generation !== undefined) await awaitConfiguration(caller, target, generation)
}

import { EnvironmentIdText, KafkaClusterIdText } from '@tributary/contract/text'
import { findKafkaCluster } from '@tributary/control/kafkaClusters/findKafkaCluster'
import { placeOfCluster, type KafkaCluster } from '@tributary/control/kafkaClusters/kafkaCluster'
import type { Caller } from '@tributary/control/caller'
import type { Subject } from '@tributary/domain/roles/isAllowed'
import { z } from 'zod'

export const ClusterParams = z.object({ id: KafkaClusterIdText })
export const InEnvironment = z.object({ environment: EnvironmentIdText })

/** The cluster of the path, in the environment that the query names. */
export const clusterTarget = ({
  params,
  query,
  caller,
}: {
  params: z.output<typeof ClusterParams>
  query: z.output<typeof InEnvironment>
  caller: Caller
}) => findKafkaCluster(caller, params.id, query.environment)

export const clusterSubject = ({ target }: { target: KafkaCluster }): Subject => ({ place: placeOfCluster(target) })

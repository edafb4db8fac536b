import { z } from 'zod'
import { listOf, Related, ResourceMetadata } from './objects.ts'

/** Clusters of Kafka REST v3: a key sees the one that it is for. */

export const KafkaCluster = z
  .object({
    kind: z.literal('KafkaCluster'),
    metadata: ResourceMetadata,
    cluster_id: z.string(),
    controller: Related,
    acls: Related,
    brokers: Related,
    broker_configs: Related,
    consumer_groups: Related,
    topics: Related,
    partition_reassignments: Related,
  })
  .meta({ id: 'KafkaCluster' })

export const KafkaClusterList = listOf('KafkaClusterList', KafkaCluster)
